"""The laws of the stream refuse what breaks them: a law that refuses nothing protects nobody."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.laws import check, decode, text_of, thinking_of, tool_calls_of

Events = list[dict[str, Any]]

USAGE: dict[str, Any] = {
    "input_tokens": 5,
    "output_tokens": 1,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "output_tokens_details": None,
}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "usage": USAGE,
}
TOOL_USE: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
ERROR: dict[str, Any] = {"type": "error", "error": {"type": "api_error", "message": "broken"}, "request_id": None}


def start(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, field: str, value: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, field: value}}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


LAWFUL: Events = [
    {"type": "message_start", "message": MESSAGE},
    {"type": "ping"},
    start(0, {"type": "thinking", "thinking": "", "signature": ""}),
    delta(0, "thinking_delta", "thinking", "Hm."),
    delta(0, "signature_delta", "signature", "s"),
    stop(0),
    start(1, {"type": "text", "text": ""}),
    delta(1, "text_delta", "text", "I "),
    delta(1, "text_delta", "text", "look."),
    stop(1),
    start(2, TOOL_USE),
    delta(2, "input_json_delta", "partial_json", '{"at":'),
    delta(2, "input_json_delta", "partial_json", "1}"),
    stop(2),
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None, "stop_details": None},
        "usage": USAGE,
    },
    {"type": "message_stop"},
]
THINKING, TEXT, TOOL, END = 2, 6, 10, 14


def insert(at: int, *events: dict[str, Any]) -> Callable[[Events], None]:
    def change(stream: Events) -> None:
        stream[at:at] = events

    return change


def remove(at: int, count: int = 1) -> Callable[[Events], None]:
    def change(stream: Events) -> None:
        del stream[at : at + count]

    return change


def put(at: int, *path: str | int, value: Any) -> Callable[[Events], None]:
    def change(stream: Events) -> None:
        holder: Any = stream[at]
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value

    return change


ILLEGAL: dict[str, Callable[[Events], None]] = {
    "nothing at all": remove(0, len(LAWFUL)),
    "no message_start": remove(0),
    "two message_starts": insert(1, LAWFUL[0]),
    "a ping is no beginning": remove(0, 2),
    "no message_delta": remove(END),
    "no message_stop": remove(END + 1),
    "two message_deltas": insert(END, LAWFUL[END]),
    "something after message_stop": insert(len(LAWFUL), stop(2)),
    "content in message_start": put(0, "message", "content", value=[{"type": "text", "text": "x"}]),
    "a stop reason in message_start": put(0, "message", "stop_reason", value="end_turn"),
    "a message id that is not ours": put(0, "message", "id", value="chatcmpl-1"),
    "another role": put(0, "message", "role", value="user"),
    "no estimate of the input": put(0, "message", "usage", "input_tokens", value=0),
    "a counter missing": put(END, "usage", value={"output_tokens": 1}),
    "a counter that is null": put(END, "usage", "cache_read_input_tokens", value=None),
    "a negative counter": put(END, "usage", "output_tokens", value=-1),
    "a counter that is a boolean": put(END, "usage", "output_tokens", value=True),
    "more thinking than output": put(END, "usage", "output_tokens_details", value={"thinking_tokens": 2}),
    "two blocks open": remove(TEXT - 1),
    "an index left out": put(TEXT, "index", value=2),
    "an index twice": put(TEXT, "index", value=0),
    "a delta before its block": remove(TEXT),
    "a delta for another index": put(TEXT + 1, "index", value=0),
    "a delta of another kind": insert(TEXT + 1, delta(1, "thinking_delta", "thinking", "x")),
    "a delta after the end of its block": insert(TOOL, delta(1, "text_delta", "text", "x")),
    "an empty delta": put(TEXT + 1, "delta", "text", value=""),
    "an empty text block": remove(TEXT + 1, 2),
    "a block that is never closed": remove(END - 1),
    "a block that is closed twice": insert(TEXT, stop(0)),
    "the end of another block": put(TEXT + 3, "index", value=0),
    "thinking without a signature": remove(THINKING + 2),
    "thinking after the signature": insert(THINKING + 3, delta(0, "thinking_delta", "thinking", "x")),
    "a tool id of another vendor": put(TOOL, "content_block", "id", value="call_1"),
    "a tool id with a colon": put(TOOL, "content_block", "id", value="toolu_functions.Bash:0"),
    "a tool id twice": insert(END, start(3, TOOL_USE), stop(3)),
    "a tool without a name": put(TOOL, "content_block", "name", value=""),
    "input in the opening": put(TOOL, "content_block", "input", value={"at": 1}),
    "arguments that are no JSON": put(TOOL + 2, "delta", "partial_json", value="one}"),
    "arguments that are no object": remove(TOOL + 1),
    "two objects as arguments": insert(TOOL + 3, delta(2, "input_json_delta", "partial_json", "{}")),
    "an unknown stop reason": put(END, "delta", "stop_reason", value="length"),
    "no stop reason": put(END, "delta", "stop_reason", value=None),
    "end_turn with a tool call": put(END, "delta", "stop_reason", value="end_turn"),
    "tool_use without a tool call": remove(TOOL, 4),
    "a stop sequence without its reason": put(END, "delta", "stop_sequence", value="x"),
    "the reason without its stop sequence": put(END, "delta", "stop_reason", value="stop_sequence"),
    "details of no refusal": put(END, "delta", "stop_details", value={"type": "refusal"}),
    "an error in the middle": insert(END, ERROR),
    "an error and then the end": insert(END + 1, ERROR),
    "an error without a request id": insert(len(LAWFUL), {"type": "error", "error": ERROR["error"]}),
    "an event of another protocol": insert(1, {"type": "response.created"}),
}


def changed(change: Callable[[Events], None]) -> Events:
    stream = deepcopy(LAWFUL)
    change(stream)
    return stream


@pytest.mark.parametrize("change", ILLEGAL.values(), ids=ILLEGAL)
def test_an_illegal_stream_is_refused(change: Callable[[Events], None]) -> None:
    with pytest.raises(AssertionError):
        check(changed(change))


@pytest.mark.parametrize("length", range(END + 1))
def test_an_error_may_end_a_stream_anywhere_before_its_end(length: int) -> None:
    check([*LAWFUL[:length], ERROR])


@pytest.mark.parametrize(
    ("field", "value"), [("type", "melted"), ("message", "")], ids=["an unknown type", "an empty message"]
)
def test_an_error_says_what_it_is(field: str, value: str) -> None:
    with pytest.raises(AssertionError):
        check([{**ERROR, "error": {**ERROR["error"], field: value}}])


@pytest.mark.parametrize(
    "change",
    [
        lambda stream: None,
        put(END, "delta", "stop_reason", value="max_tokens"),
        lambda stream: (remove(TOOL + 2)(stream), put(END - 1, "delta", "stop_reason", value="max_tokens")(stream)),
    ],
    ids=["as it is", "cut by max_tokens", "cut by max_tokens in the arguments"],
)
def test_a_lawful_stream_passes(change: Callable[[Events], None]) -> None:
    check(changed(change))


def test_what_is_read_from_a_stream() -> None:
    assert text_of(LAWFUL) == "I look."
    assert thinking_of(LAWFUL) == "Hm."
    assert tool_calls_of(LAWFUL) == [("look", '{"at":1}')]


FRAMED = b'event: ping\ndata: {"type":"ping"}\n\n'


def test_frames_are_read_back() -> None:
    assert decode(FRAMED * 2) == [{"type": "ping"}, {"type": "ping"}]


@pytest.mark.parametrize(
    "body",
    [
        FRAMED[:-1],
        FRAMED.replace(b"event: ping\n", b""),
        FRAMED.replace(b"event: ping", b"event: pong"),
        FRAMED.replace(b"data: ", b"data:"),
        FRAMED.replace(b"\n\n", b"\n: comment\n\n"),
    ],
    ids=["cut", "without event", "with another event", "without the space", "with a third line"],
)
def test_frames_are_exact(body: bytes) -> None:
    with pytest.raises((AssertionError, ValueError)):
        decode(body)
