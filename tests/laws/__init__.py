"""The stream protocol as executable law. Every test that has a stream calls `check`.

The official SDKs are no validators: they accept most illegal streams.
"""

from collections.abc import Iterable, Mapping, Sequence
from json import loads
from typing import Any

Event = Mapping[str, Any]

DELTAS_OF_BLOCK = {
    "text": {"text_delta", "citations_delta"},
    "thinking": {"thinking_delta", "signature_delta"},
    "tool_use": {"input_json_delta"},
    "server_tool_use": {"input_json_delta"},
    "redacted_thinking": set[str](),
    "web_search_tool_result": set[str](),
}

STOP_REASONS = {
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
}


def check(events: Sequence[Event]) -> None:
    """Raise AssertionError where the stream breaks the protocol. A stream may end lawfully in `error`."""
    assert events, "a stream has at least one event"
    if events[-1]["type"] == "error":
        _check_error(events[-1])
        _check_order([event for event in events[:-1] if event["type"] != "ping"], is_cut=True)
    else:
        _check_order([event for event in events if event["type"] != "ping"], is_cut=False)


def decode(body: bytes) -> list[Event]:
    """The events of a response body, which must be framed exactly: `event:`, `data:`, blank line."""
    assert body.endswith(b"\n\n"), "the last event is complete"
    events: list[Event] = []
    for frame in body.removesuffix(b"\n\n").split(b"\n\n"):
        event_line, data_line = frame.split(b"\n")
        assert event_line.startswith(b"event: ")
        assert data_line.startswith(b"data: ")
        event = loads(data_line.removeprefix(b"data: "))
        assert event["type"].encode() == event_line.removeprefix(b"event: "), "both lines name one type"
        events.append(event)
    return events


def text_of(events: Iterable[Event]) -> str:
    """All text of a stream."""
    return "".join(event["delta"]["text"] for event in _deltas(events, "text_delta"))


def thinking_of(events: Iterable[Event]) -> str:
    """All thinking of a stream."""
    return "".join(event["delta"]["thinking"] for event in _deltas(events, "thinking_delta"))


def tool_calls_of(events: Iterable[Event]) -> list[tuple[str, str]]:
    """Name and joined arguments of every tool call of a stream."""
    calls: dict[int, tuple[str, list[str]]] = {}
    for event in events:
        if event["type"] == "content_block_start" and event["content_block"]["type"] == "tool_use":
            calls[event["index"]] = (event["content_block"]["name"], [])
        elif event["type"] == "content_block_delta" and event["delta"]["type"] == "input_json_delta":
            calls[event["index"]][1].append(event["delta"]["partial_json"])
    return [(name, "".join(fragments)) for name, fragments in calls.values()]


def _deltas(events: Iterable[Event], kind: str) -> list[Event]:
    return [event for event in events if event["type"] == "content_block_delta" and event["delta"]["type"] == kind]


def _check_error(event: Event) -> None:
    assert set(event) == {"type", "error", "request_id"}
    assert set(event["error"]) == {"type", "message"}
    assert event["error"]["message"]


def _check_order(events: list[Event], *, is_cut: bool) -> None:
    if is_cut and not events:
        return
    assert events[0]["type"] == "message_start", "message_start comes first"
    _check_message_start(events[0]["message"])
    rest = events[1:]
    if not is_cut:
        assert [event["type"] for event in rest[-2:]] == ["message_delta", "message_stop"], "how a message ends"
        _check_message_delta(rest[-2], rest[:-2])
        rest = rest[:-2]
    _check_blocks(rest, is_cut=is_cut)


def _check_message_start(message: Event) -> None:
    assert message["type"] == "message"
    assert message["role"] == "assistant"
    assert message["id"].startswith("msg_")
    assert message["content"] == []
    assert message["stop_reason"] is None
    assert message["usage"]["input_tokens"] > 0


def _check_blocks(events: list[Event], *, is_cut: bool) -> None:
    open_block: Event | None = None
    index = -1
    delta_count = 0
    tool_ids: set[str] = set()
    for event in events:
        if event["type"] == "content_block_start":
            assert open_block is None, "at most one block is open"
            open_block, index, delta_count = event["content_block"], index + 1, 0
            assert event["index"] == index, "indices count 0, 1, 2"
            if open_block["type"] == "tool_use":
                assert open_block["id"] not in tool_ids, "tool ids are unique"
                tool_ids.add(open_block["id"])
        elif event["type"] == "content_block_delta":
            assert open_block is not None, "a delta belongs to an open block"
            assert event["index"] == index
            assert event["delta"]["type"] in DELTAS_OF_BLOCK[open_block["type"]], "a delta fits its block"
            assert "" not in event["delta"].values(), "no delta is empty"
            delta_count += 1
        else:
            assert event["type"] == "content_block_stop", f"{event['type']} is no event of a block"
            assert open_block is not None
            assert event["index"] == index
            assert open_block["type"] != "text" or delta_count, "no text block is empty"
            open_block = None
    assert is_cut or open_block is None, "every block is closed"


def _check_message_delta(event: Event, blocks: list[Event]) -> None:
    stop_reason = event["delta"]["stop_reason"]
    assert stop_reason in STOP_REASONS
    assert (event["delta"]["stop_sequence"] is not None) == (stop_reason == "stop_sequence")
    has_tool_use = any(
        block["type"] == "content_block_start" and block["content_block"]["type"] == "tool_use" for block in blocks
    )
    assert stop_reason != "tool_use" or has_tool_use, "tool_use needs a tool call"
    assert stop_reason != "end_turn" or not has_tool_use, "a tool call ends in tool_use"
    for name in ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"):
        assert isinstance(event["usage"][name], int)
        assert event["usage"][name] >= 0
