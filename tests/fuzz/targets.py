"""What is fuzzed: each target takes bytes, and raises only where a law of ours is broken."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import read_configuration
from gateway.storage.protocol import Item, ItemType
from gateway.upstream.client import HttpUpstream
from gateway.upstream.connection import Connection, Network
from gateway.upstream.framing import RawFraming
from gateway.web.proxy_event import read_event
from translator.anthropic.errors import ApiError
from translator.server_sent_events import EventStreamDecoder

from edgeway.local.api_gateway.answers import WrongShape, read_proxy_answer
from edgeway.local.web.hosts import Hosts
from tests.laws import check, decode
from tests.loop import run
from tests.properties.playing import play
from tests.properties.test_heads import DATES, NAMES, NUMBERS, lawful
from tests.running import ROOT
from tests.unit.gateway.access.test_authentication import CountingStore
from tests.unit.gateway.answering.test_native import WHOLE as CLAUDE
from tests.unit.gateway.fakes import Answer as Told
from tests.unit.gateway.fakes import FakeAnswer, Harness, fine
from tests.upstreams.answers import Cut, Raw, Send, Stream, Whole
from tests.upstreams.scenarios import ANSWERS
from tests.vectors.responses.streams import CASES

Target = Callable[[bytes], None]
LONGEST: Final = 20_000
INTERESTING: Final = (
    b"null", b"-1", b"1e999", b"9" * 40, b"[]", b"{}", b'""', b"true", b'"\\ud800"', b"\x00", b"\xff\xfe", b"\r\n\r\n",
    b"data: ", b"\n\n", b"[" * 200, b'{"a":' * 200, b"\xe2\x80\xa8", b"%2f", b"..", b"]", b"}", b'"', b",",
)  # fmt: skip
WHOLE: Final = b'{"statusCode": 200, "headers": {"a": "b"}, "multiValueHeaders": {"c": ["d"]}, "body": "e"}'
CONFIGURED: Final = b"""default_model = "openai/gpt-5"
[aliases]
fast = ["groq/openai/gpt-oss-120b", "openai/gpt-5"]
[routes]
prefer = ["openrouter"]
[providers.acme]
base_url = "https://llm.acme.example/v1"
key_variables = ["ACME_TOKEN"]
traits = { fields = ["temperature"] }
[providers.acme.models."qwen3"]
context_window = 131_072
prices = { input = 0.20, output = 0.60 }
"""


def stream_of_an_upstream(data: bytes) -> None:
    """Decoder and reader: however it is cut, the same lawful events."""
    frames = _frames([data])
    assert frames == _frames([data[:1], data[1 : len(data) // 2], data[len(data) // 2 :]])
    check(play(frames))


def responses_of_an_upstream(data: bytes) -> None:
    """The same in the dialect of OpenAI's Responses."""
    _lawful(Harness([FakeAnswer([_frames([data])])], ["one"], dialects=("responses",)).ask())


def claude_of_an_upstream(data: bytes) -> None:
    """The same of an upstream that speaks the Messages API itself: what it says goes through, or ends in an error."""
    framing = RawFraming()
    frames = [frame.decode("utf-8", "replace") for frame in (*framing.feed(data), *framing.close())]
    answer = Harness([FakeAnswer([frames])], ["one"], natives=["one"]).ask()
    assert answer.status in range(200, 600)


def http_of_an_upstream(data: bytes) -> None:
    """Everything that comes from a socket, with its head: a lawful stream, or an error of ours."""
    UPSTREAM_SENDS[:] = [data]
    _lawful(Harness([], ["one"], client=HTTP_UPSTREAM).ask())


def head_of_an_upstream(data: bytes) -> None:
    """The lines of a head, which become headers of ours, waits and resets."""
    lines = (line.partition(":") for line in data.decode("latin-1").split("\n"))
    spoilt = fine()
    spoilt.headers = {name.lower(): value for name, _, value in lines}
    for answer in (spoilt, FakeAnswer([], 429, spoilt.headers, b"{}")):
        told = Harness([answer], ["one"]).ask()
        lawful(told.headers)
        assert told.status == (200 if answer is spoilt else 429)


def refusal_of_an_upstream(data: bytes) -> None:
    """An error's body: an error of ours, or a correction and an answer."""
    answer = Harness([FakeAnswer([], 400, body=data), fine(), fine()], ["one"]).ask()
    assert json.loads(answer.body)["type"] in ("error", "message")


def body_of_a_caller(data: bytes) -> None:
    """A request: an error of ours, or a lawful stream."""
    _lawful(Harness([fine()], ["one"]).ask(raw_body=data.decode("utf-8", "surrogateescape")))


def _lawful(answer: Told) -> None:
    if answer.headers["content-type"].startswith("text/event-stream"):
        check(decode(answer.body))
    else:
        assert json.loads(answer.body)["type"] in ("error", "message")


def proxy_event(data: bytes) -> None:
    """The body in an event of API Gateway, as text and as base64: an object, or an error of the caller's."""
    for event in ({"body": data.decode("latin-1")}, {"body": b64encode(data).decode(), "isBase64Encoded": True}):
        status = 400
        try:
            read_event(event).json()
        except ApiError as error:
            status = error.status
        assert status == 400


def whole_proxy_event(data: bytes) -> None:
    """An event as API Gateway sends it: the values of its text may be anything, its shape is Amazon's."""
    event = dict(EVENT)
    lines = data.decode("latin-1").split("\n")
    event["headers"] = {name: value for name, _, value in (line.partition(":") for line in lines)}
    event["queryStringParameters"] = event["headers"]
    event["path"] = lines[0]
    http = read_event(event)
    assert all(name == name.lower() for name in http.headers)
    refused = 0
    try:
        run(AUTHENTICATOR.authenticate(http.headers, http.address))
    except ApiError as error:
        refused = error.status
    assert refused == 401


def stored_key(data: bytes) -> None:
    """A record of a key as it lies in the store: nobody gets in by one that cannot be read."""
    attributes = _json(data)
    store = CountingStore()
    if isinstance(attributes, dict):
        run(store.put(Item("KEY#x", "META", ItemType.KEY, attributes), replaces=None))
        record = run(KeyRegistry(store, clock=lambda: 0.0).find("x"))
        assert record is not None
        assert record.status != "active" or attributes.get("status") == "active"


def answer_of_a_function(data: bytes) -> None:
    """What the local server takes from a function."""
    try:
        read_proxy_answer(_json(data))
    except WrongShape:
        return


def host(data: bytes) -> None:
    """A head of a caller: whoever is let in has an own name, an address, or none that can be registered."""
    name = data.decode("latin-1")
    if Hosts().owns(name):
        assert not name.lower().partition(":")[0].endswith((".com", ".example"))
    Hosts().refusal([(b"host", data), (b"origin", data)])


def operators_file(data: bytes) -> None:
    """edgeway.toml: a configuration, or a mistake that is named."""
    with NamedTemporaryFile(suffix=".toml") as file:
        file.write(data)
        file.flush()
        mistake = "none"
        try:
            read_configuration(Path(file.name), CATALOGUE)
        except ValueError as error:
            mistake = str(error)
        assert mistake


def _frames(pieces: Sequence[bytes]) -> list[str]:
    decoder = EventStreamDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _played() -> list[bytes]:
    """What the scripted upstream sends."""
    streams = (each for each in ANSWERS.values() if isinstance(each, Stream))
    return [b"".join(step.data for step in each.steps if isinstance(step, Send | Cut | Raw)) for each in streams]


def _said(events: Iterable[Mapping[str, Any] | str]) -> bytes:
    texts = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return b"".join(b"data: " + text.encode() + b"\n\n" for text in texts)


def _events(name: str) -> bytes:
    return (ROOT / "events" / f"{name}.json").read_bytes()


class _Socket(asyncio.Transport):
    """Answers whatever is sent with the bytes of the moment, and closes."""

    def __init__(self, connection: Connection) -> None:
        super().__init__({"socket": self})
        self._connection = connection

    def setsockopt(self, *_: int) -> None:
        pass

    def write(self, data: object) -> None:
        self._connection.data_received(UPSTREAM_SENDS[0])
        self._connection.eof_received()

    def abort(self) -> None:
        self._connection.connection_lost(None)

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class _Sending(Network):
    async def connect(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        connection = Connection()
        connection.connection_made(_Socket(connection))
        return connection


CATALOGUE: Final = Catalogue.open()
KEY_RECORD: Final = {
    "id": "key_1", "name": "a", "hint": "b", "created": 1, "status": "active", "role": "user", "expires": None,
    "allowed_models": ["a/b"], "budget_day": 5, "streams": 2, "pool": "",
}  # fmt: skip
UPSTREAM_SENDS: Final[list[bytes]] = [b""]
HTTP_UPSTREAM: Final = HttpUpstream({}, network=_Sending())
EVENT: Final[Mapping[str, Any]] = json.loads((ROOT / "events" / "messages-hello.json").read_text())
AUTHENTICATOR: Final = Authenticator(KeyRegistry(CountingStore(), clock=lambda: 0.0), clock=lambda: 0.0)
HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive\r\n"
REQUESTS: Final = [
    str(json.loads(_events(name))["body"]).encode()
    for name in ("messages-hello", "messages-stream", "messages-tool", "count-tokens")
]
TARGETS: Final[Mapping[str, tuple[Target, Sequence[bytes]]]] = {
    "stream-of-an-upstream": (stream_of_an_upstream, _played()),
    "responses-of-an-upstream": (responses_of_an_upstream, [_said(case.events) for case in CASES]),
    "claude-of-an-upstream": (claude_of_an_upstream, [b"".join(f"{each}\n\n".encode() for each in CLAUDE)]),
    "http-of-an-upstream": (
        http_of_an_upstream,
        [
            *(
                HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n0\r\n\r\n" % (len(each), each)
                for each in _played()[:20]
            ),
            *(HEAD + b"content-length: %d\r\n\r\n%s" % (len(each), each) for each in _played()[:20]),
            b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"\r\n" + _played()[0],
        ],
    ),
    "head-of-an-upstream": (
        head_of_an_upstream,
        [
            "\n".join(f"{name}:{value}" for name in NAMES for value in pair).encode()
            for pair in zip(DATES, NUMBERS, strict=False)
        ],
    ),
    "refusal-of-an-upstream": (
        refusal_of_an_upstream,
        [each.body for each in ANSWERS.values() if isinstance(each, Whole)],
    ),
    "body-of-a-caller": (body_of_a_caller, REQUESTS),
    "proxy-event": (proxy_event, REQUESTS),
    "whole-proxy-event": (
        whole_proxy_event,
        ["\n".join(f"{name}:{value}" for name, value in EVENT["headers"].items()).encode(), b"/v1/messages\nA:b"],
    ),
    "stored-key": (stored_key, [json.dumps(KEY_RECORD).encode()]),
    "answer-of-a-function": (
        answer_of_a_function,
        [WHOLE],
    ),
    "host": (host, [b"localhost:3000", b"[::1]:3000", b"a.example.com", b"http://127.0.0.1:3000", b"null"]),
    "operators-file": (operators_file, [(ROOT / "edgeway.toml").read_bytes(), CONFIGURED]),
}
"""By name: what is fuzzed, and the bytes that are changed."""


def changed(seed: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """The bytes with some changes: flipped, cut out, doubled, put in, or joined with others."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 2, 8, 64)))
        match chance.randrange(6):
            case 0:
                data[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * chance.choice((1, 2, 50))
            case 3:
                data[at:at] = chance.choice(INTERESTING)
            case 4:
                other = chance.choice(others)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case _:
                data[at:end] = chance.choice(INTERESTING)
    return bytes(data[:LONGEST])
