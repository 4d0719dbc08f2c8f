"""The stream protocol as executable law. Every test that has a stream calls `check`.

The official SDKs are no validators: they accept most illegal streams.
"""

import re
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

TOOL_ID = re.compile(r"toolu_[A-Za-z0-9_-]+")
SERVER_TOOL_ID = re.compile(r"srvtoolu_[A-Za-z0-9_]+")

ERROR_TYPES = {
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "conflict_error",
    "request_too_large",
    "rate_limit_error",
    "api_error",
    "timeout_error",
    "overloaded_error",
}

COUNTERS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")

STOP_REASONS = {
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
}

CUT_SHORT = {"max_tokens", "model_context_window_exceeded"}


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
        elif event.get("index") in calls and event["type"] == "content_block_delta":
            calls[event["index"]][1].append(event["delta"]["partial_json"])
    return [(name, "".join(fragments)) for name, fragments in calls.values()]


def _deltas(events: Iterable[Event], kind: str) -> list[Event]:
    return [event for event in events if event["type"] == "content_block_delta" and event["delta"]["type"] == kind]


def _check_error(event: Event) -> None:
    assert set(event) == {"type", "error", "request_id"}
    assert set(event["error"]) == {"type", "message"}
    assert event["error"]["type"] in ERROR_TYPES
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
    _check_counters(message["usage"])
    assert message["usage"]["input_tokens"] > 0


def _check_blocks(events: list[Event], *, is_cut: bool) -> None:
    block: Event | None = None
    index = -1
    deltas: list[str] = []
    tool_ids: set[str] = set()
    searches: list[str] = []
    for event in events:
        if event["type"] == "content_block_start":
            assert block is None, "at most one block is open"
            block, index, deltas = event["content_block"], index + 1, []
            assert event["index"] == index, "indices count 0, 1, 2"
            if block["type"] == "tool_use":
                _check_tool_use(block, tool_ids)
            elif block["type"] == "server_tool_use":
                assert SERVER_TOOL_ID.fullmatch(block["id"]), "ids of Anthropic's own tools say so"
                searches.append(block["id"])
            elif block["type"] == "web_search_tool_result":
                assert block["tool_use_id"] in searches, "a result belongs to a search"
        elif event["type"] == "content_block_delta":
            assert block is not None, "a delta belongs to an open block"
            assert event["index"] == index
            _check_delta(event["delta"], block, deltas)
            deltas.append(event["delta"]["type"])
        else:
            assert event["type"] == "content_block_stop", f"{event['type']} is no event of a block"
            assert block is not None, "what is closed is open"
            assert event["index"] == index
            assert block["type"] != "text" or deltas, "no text block is empty"
            assert block["type"] != "thinking" or "signature_delta" in deltas, "thinking is signed"
            block = None
    assert is_cut or block is None, "every block is closed"


def _check_tool_use(block: Event, tool_ids: set[str]) -> None:
    assert TOOL_ID.fullmatch(block["id"]), "tool ids are ours"
    assert block["id"] not in tool_ids, "tool ids are unique"
    assert block["name"], "a tool has a name"
    assert block["input"] == {}, "clients read the input from deltas only"
    tool_ids.add(block["id"])


def _check_delta(delta: Event, block: Event, before: list[str]) -> None:
    assert delta["type"] in DELTAS_OF_BLOCK[block["type"]], "a delta fits its block"
    assert "" not in delta.values(), "no delta is empty"
    assert "signature_delta" not in before, "the signature comes last"


def _check_message_delta(event: Event, blocks: list[Event]) -> None:
    stop_reason = event["delta"]["stop_reason"]
    assert stop_reason in STOP_REASONS
    assert (event["delta"]["stop_sequence"] is not None) == (stop_reason == "stop_sequence")
    assert event["delta"]["stop_details"] is None or stop_reason == "refusal", "only a refusal has details"
    calls = tool_calls_of(blocks)
    assert stop_reason != "tool_use" or calls, "tool_use needs a tool call"
    assert stop_reason != "end_turn" or not calls, "a tool call ends in tool_use"
    for _, arguments in calls:
        assert stop_reason in CUT_SHORT or _is_object(arguments or "{}"), "arguments are one JSON object"
    _check_counters(event["usage"])


def _is_object(text: str) -> bool:
    try:
        return isinstance(loads(text), dict)
    except ValueError:
        return False


def _check_counters(usage: Event) -> None:
    for name in COUNTERS:
        assert type(usage.get(name)) is int, "every counter is there"
        assert usage[name] >= 0
    details = usage.get("output_tokens_details")
    assert details is None or 0 <= details["thinking_tokens"] <= usage["output_tokens"], "thinking is output"
