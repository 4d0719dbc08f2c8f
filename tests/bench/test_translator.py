"""What the translator costs beside what cannot be saved: reading and writing the same JSON.

Both are measured in turns within one run, and the figure is their ratio; no time is asserted.
"""

import gc
import json
from collections.abc import Callable, Iterable
from statistics import median
from time import process_time_ns
from typing import Any

import pytest
from gateway.tokens.vocabulary import count_in
from gateway.upstream.framing import RawFraming
from translator.anthropic.events import encode_events, encode_json
from translator.anthropic.request import MessagesRequest, parse_messages_request
from translator.chat.dialect import ChatDialect
from translator.dialect import Caller, EncodedRequest
from translator.native.answer import NativeStream
from translator.native.json_members import read_object
from translator.native.request import passed_request
from translator.server_sent_events import EventStreamDecoder
from translator.stream.emitter import Emitter
from translator.tokens.counting import counting
from translator.tokens.estimate import estimate_input_tokens
from translator.traits import Traits

from tests.bench.conftest import Report
from tests.bench.conversation import conversation
from tests.bench.figures import Figure
from tests.laws import check, decode, text_of, tool_calls_of

ROUNDS = 60
CHUNKS = 2_000
CALLER = Caller(is_claude_code=True, session="s", user="u")
DIALECT = ChatDialect()


def answer() -> list[bytes]:
    """A long answer, the bytes of each server-sent event: half of it text, half of it a tool call's arguments."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1764000000, "model": "gpt-5"}
    deltas: list[dict[str, Any]] = [{"content": f" word {number}"} for number in range(CHUNKS // 2)]
    deltas.append({"tool_calls": [{"index": 0, "id": "call_a", "function": {"name": "Write", "arguments": '{"a": "'}}]})
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": f" {n}"}}]} for n in range(CHUNKS // 2 - 3)]
    deltas.append({"tool_calls": [{"index": 0, "function": {"arguments": '"}'}}]})
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    return [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]


def encode(raw: bytes) -> EncodedRequest:
    request = parse_messages_request(json.loads(raw))
    estimate_input_tokens(request, counting("gpt-5", count_in))
    encoded = DIALECT.encode(request, model="gpt-5", traits=Traits(), caller=CALLER)
    encode_json(encoded.body)
    return encoded


def read(received: Iterable[bytes], request: MessagesRequest, encoded: EncodedRequest) -> bytes:
    decoder = EventStreamDecoder()
    reader = DIALECT.reader(
        Emitter(message_id="msg_1", model="m", input_tokens=1),
        encoded=encoded,
        request=request,
        traits=Traits(),
        message_id="msg_1",
        input_tokens=1,
    )
    sent = [encode_events(reader.feed(frame)) for piece in received for frame in decoder.feed(piece)]
    return b"".join([*sent, encode_events(reader.close())])


def microseconds(work: Callable[[], object]) -> float:
    start = process_time_ns()
    work()
    return (process_time_ns() - start) / 1_000


def measured(work: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """The medians of both, in microseconds of CPU time, taken in turns so that a busy machine slows both alike."""
    gc.collect()
    pairs = [(microseconds(work), microseconds(floor)) for _ in range(ROUNDS)]
    return median(taken for taken, _ in pairs), median(least for _, least in pairs)


@pytest.mark.bench
def test_a_long_request_is_encoded(report: Report) -> None:
    raw = conversation()
    roles = [message["role"] for message in encode(raw).body["messages"]]
    assert roles.count("tool") == 2 * roles.count("assistant")
    taken, least = measured(lambda: encode(raw), lambda: json.dumps(json.loads(raw)))
    report(Figure("the translator alone: a request of 100 KB is encoded", "µs", taken, least))


@pytest.mark.bench
def test_a_long_answer_is_read(report: Report) -> None:
    raw, received = conversation(), answer()
    request, encoded = parse_messages_request(json.loads(raw)), encode(raw)
    events = decode(read(received, request, encoded))
    check(events)
    assert text_of(events).endswith(f" word {CHUNKS // 2 - 1}")
    assert [name for name, _ in tool_calls_of(events)] == ["Write"]
    taken, least = measured(
        lambda: read(received, request, encoded), lambda: [json.dumps(json.loads(event[6:])) for event in received]
    )
    report(Figure(f"the translator alone: {len(received):,} chunks are read, each sent at once", "µs", taken, least))


@pytest.mark.bench
def test_an_answer_that_goes_through_is_read(report: Report) -> None:
    """Beside the translating dialect's own price for the same answer: at most half of it."""
    raw, received = conversation(), answer()
    request, encoded = parse_messages_request(json.loads(raw)), encode(raw)
    sent = read(received, request, encoded)
    events = [event + b"\n\n" for event in sent.split(b"\n\n") if event]

    def go_through() -> bytes:
        framing, stream = RawFraming(), NativeStream(input_tokens=1, is_started=False)
        return b"".join(stream.feed(framing.feed(piece)) for piece in events)

    assert go_through() == sent
    taken, translated = measured(go_through, lambda: read(received, request, encoded))
    assert taken <= translated / 2
    report(Figure(f"{len(events):,} events go through, beside translating them", "µs", taken, translated))


@pytest.mark.bench
def test_a_request_that_goes_through_is_encoded(report: Report) -> None:
    raw = conversation()
    text = raw.decode()

    def go_through() -> bytes:
        return passed_request(read_object(text), model="claude-opus-5").body

    assert b'"claude-opus-5"' in go_through()
    taken, translated = measured(go_through, lambda: encode(raw))
    assert taken <= translated / 2
    report(Figure("a request of 100 KB goes through, beside translating it", "µs", taken, translated))
