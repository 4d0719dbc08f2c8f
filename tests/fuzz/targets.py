"""What is fuzzed: each target takes bytes, and raises only where a law of ours is broken."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import read_configuration
from gateway.web.proxy_event import read_event
from translator.anthropic.errors import ApiError
from translator.server_sent_events import EventStreamDecoder

from edgeway.local.api_gateway.answers import WrongShape, read_proxy_answer
from edgeway.local.web.hosts import Hosts
from tests.laws import check, decode
from tests.properties.playing import play
from tests.running import ROOT
from tests.unit.gateway.fakes import FakeAnswer, Harness, fine
from tests.upstreams.answers import Cut, Raw, Send, Stream, Whole
from tests.upstreams.scenarios import ANSWERS

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


def refusal_of_an_upstream(data: bytes) -> None:
    """An error's body: an error of ours, or a correction and an answer."""
    answer = Harness([FakeAnswer([], 400, body=data), fine(), fine()], ["one"]).ask()
    assert json.loads(answer.body)["type"] in ("error", "message")


def body_of_a_caller(data: bytes) -> None:
    """A request: an error of ours, or a lawful stream."""
    answer = Harness([fine()], ["one"]).ask(raw_body=data.decode("utf-8", "surrogateescape"))
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


def _events(name: str) -> bytes:
    return (ROOT / "events" / f"{name}.json").read_bytes()


CATALOGUE: Final = Catalogue.open()
REQUESTS: Final = [
    str(json.loads(_events(name))["body"]).encode()
    for name in ("messages-hello", "messages-stream", "messages-tool", "count-tokens")
]
TARGETS: Final[Mapping[str, tuple[Target, Sequence[bytes]]]] = {
    "stream-of-an-upstream": (stream_of_an_upstream, _played()),
    "refusal-of-an-upstream": (
        refusal_of_an_upstream,
        [each.body for each in ANSWERS.values() if isinstance(each, Whole)],
    ),
    "body-of-a-caller": (body_of_a_caller, REQUESTS),
    "proxy-event": (proxy_event, REQUESTS),
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
