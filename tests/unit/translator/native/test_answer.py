"""What the writers of answers that go through are for what such answers never have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Usage
from translator.native.answer import NativeMessage, NativeStream
from translator.writing.endings import AnsweringError


def test_a_stream_fails_once() -> None:
    stream = NativeStream(input_tokens=1, is_started=False)
    assert b"event: error" in stream.fail(upstream_failure("gone"), request_id="req_1")
    assert (stream.fail(upstream_failure("gone"), request_id="req_1"), stream.close()) == (b"", b"")


def test_a_whole_answer_fails_as_an_answer_of_its_own() -> None:
    assert NativeMessage(input_tokens=1).fail(upstream_failure("gone"), request_id="req_1") == b""


@pytest.mark.parametrize("writer", [NativeStream(input_tokens=1, is_started=False), NativeMessage(input_tokens=1)])
def test_no_error_is_an_answer(writer: NativeStream | NativeMessage) -> None:
    with pytest.raises(AnsweringError):
        writer.answer(AnsweringError("refusal", "no"))
    assert writer.start() == b""


HELLO = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello, world. " * 30}}
BIG = 10**30


def event(**members: Any) -> bytes:
    return f"event: {members['type']}\ndata: {json.dumps(members)}\n\n".encode()


def streamed(first: Any, last: Any, *, text: bool = True) -> NativeStream:
    """A stream whose `message_start` and `message_delta` have these counts."""
    stream = NativeStream(input_tokens=70, is_started=False)
    stream.feed([event(type="message_start", message={"usage": first}), *([event(**HELLO)] if text else [])])
    stream.feed([event(type="message_delta", delta={"stop_reason": "end_turn"}, usage=last)])
    return stream


def whole(usage: Any, content: Any = ({"type": "text", "text": "Hello"},)) -> tuple[NativeMessage, int]:
    """A whole answer with these counts, and how many tokens its bytes are about."""
    message = NativeMessage(input_tokens=70)
    body = json.dumps({"type": "message", "content": content, "usage": usage, "stop_reason": "end_turn"}).encode()
    message.feed([body])
    return message, -(-len(body) // 4)


@pytest.mark.parametrize(
    ("first", "last", "counted"),
    [
        ({"input_tokens": 9, "output_tokens": 1}, {"output_tokens": 50}, (9, 50)),
        ({"input_tokens": 0, "output_tokens": 0}, {"input_tokens": 9, "output_tokens": 50}, (9, 50)),
    ],
)
def test_the_counts_of_a_stream_are_the_upstreams(first: Any, last: Any, counted: tuple[int, int]) -> None:
    stream = streamed(first, last)
    usage = stream.final_usage()
    assert (stream.is_counted, usage.input_tokens, usage.output_tokens) == (True, *counted)


@pytest.mark.failure_mode(37)
@pytest.mark.parametrize("last", [None, {}, {"output_tokens": 0}, {"output_tokens": -5}, {"output_tokens": BIG}])
def test_what_a_stream_has_written_is_never_free(last: Any) -> None:
    stream = streamed({"input_tokens": 9, "output_tokens": 1}, last)
    usage = stream.final_usage()
    assert (stream.is_counted, usage.input_tokens) == (False, 9)
    assert 80 < usage.output_tokens < 120


def test_a_stream_of_nothing_costs_no_output() -> None:
    stream = streamed({"input_tokens": 9, "output_tokens": 0}, {"output_tokens": 0}, text=False)
    assert (stream.is_counted, stream.final_usage()) == (True, Usage(input_tokens=9, output_tokens=0))


@pytest.mark.failure_mode(37)
@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": 0, "output_tokens": 0}, {"input_tokens": BIG}])
def test_a_whole_answer_without_counts_is_never_free(usage: Any) -> None:
    message, tokens = whole(usage)
    assert (message.is_counted, message.final_usage()) == (False, Usage(input_tokens=70, output_tokens=tokens))


def test_a_whole_answer_has_the_upstreams_counts() -> None:
    message, _ = whole({"input_tokens": 9, "output_tokens": 50})
    assert (message.is_counted, message.final_usage()) == (True, Usage(input_tokens=9, output_tokens=50))
    warmed, _ = whole({"input_tokens": 9, "output_tokens": 0}, content=[])
    assert (warmed.is_counted, warmed.final_usage()) == (True, Usage(input_tokens=9, output_tokens=0))


ITERATIONS = [
    {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
    {
        "type": "advisor_message",
        "model": "claude-opus-4-8",
        "input_tokens": 800,
        "cache_read_input_tokens": 20,
        "output_tokens": 300,
    },
    {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
    "nonsense",
]


@pytest.mark.failure_mode(37)
def test_what_was_done_besides_is_counted_too() -> None:
    told = {"input_tokens": 23_000, "output_tokens": 1_000, "iterations": ITERATIONS}
    everything = Usage(input_tokens=203_800, output_tokens=4_800, cache_read_input_tokens=20)
    assert whole(told)[0].final_usage() == everything
    stream = streamed({"input_tokens": 23_000, "output_tokens": 1}, told)
    stream.feed([event(type="message_delta", delta={}, usage={"output_tokens": 1_000})])
    assert (stream.is_counted, stream.final_usage()) == (True, everything)


@pytest.mark.parametrize("writer", [NativeStream(input_tokens=1, is_started=False), NativeMessage(input_tokens=1)])
def test_what_was_started_elsewhere_does_not_begin_again(writer: NativeStream | NativeMessage) -> None:
    writer.was_started()
    began = b'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":5}}}\n\n'
    if isinstance(writer, NativeStream):
        assert writer.feed([began]) == b""
        assert writer.final_usage().input_tokens == 5
    else:
        assert writer.feed([b'{"type":"message"}']) == b'{"type":"message"}'
