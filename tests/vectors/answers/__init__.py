"""Streams of upstreams, in tests/vectors/streams, and the whole stream and message that each must become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from translator.stream.answer_blocks import ThinkingDisplay
from translator.tool_ids import wrap
from translator.traits import Traits

Json = dict[str, Any]
Events = list[Json]

MESSAGE_ID = "msg_1"
MODEL = "claude-model"
ESTIMATE = 9
"""Of the input, where the upstream counts nothing."""
PLAIN = Traits()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCase:
    """A stream by name, all events that it becomes, and the whole message; no message where it fails."""

    id: str
    why: str
    events: Events
    message: Json | None
    traits: Traits = PLAIN
    display: ThinkingDisplay = "shown"
    stop_sequences: Sequence[str] = ()
    tools: Sequence[str] = ()
    offered: Sequence[Json] = ()
    """The tools of the request as chat completions has them."""
    is_cut: bool = False
    takes_asides: bool = True


def usage(input_tokens: int, output_tokens: int, **more: Any) -> Json:
    """The counters of a message; what is not named is nothing."""
    return {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens_details": None,
        "server_tool_use": None,
        **more,
    }


COUNTED = usage(12, 7)
"""What the upstream counts in most of the streams."""


def at_start(service_tier: str = "standard") -> Json:
    """The usage of a message that has just begun."""
    return {
        **usage(ESTIMATE, 1),
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "inference_geo": None,
        "service_tier": service_tier,
    }


def begin(service_tier: str = "standard") -> Events:
    """How every stream begins."""
    message: Json = {
        "id": MESSAGE_ID,
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": at_start(service_tier),
    }
    return [{"type": "message_start", "message": message}, {"type": "ping"}]


def _block(index: int, start: Json, kind: str, field: str, pieces: Sequence[str]) -> Events:
    deltas = [
        {"type": "content_block_delta", "index": index, "delta": {"type": kind, field: piece}} for piece in pieces
    ]
    return [{"type": "content_block_start", "index": index, "content_block": start}, *deltas]


def _stop(index: int) -> Json:
    return {"type": "content_block_stop", "index": index}


def text(index: int, *pieces: str) -> Events:
    """A text block."""
    return [*open_text(index, *pieces), _stop(index)]


def open_text(index: int, *pieces: str) -> Events:
    """A text block that nothing ends."""
    return _block(index, {"type": "text", "text": "", "citations": None}, "text_delta", "text", pieces)


def thinking(index: int, *pieces: str, signature: str = "ew1.shown") -> Events:
    """A thinking block."""
    start = {"type": "thinking", "thinking": "", "signature": ""}
    signed = {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": "signature_delta", "signature": signature},
    }
    return [*_block(index, start, "thinking_delta", "thinking", pieces), signed, _stop(index)]


def tool_use(index: int, identity: str, name: str, *pieces: str) -> Events:
    """A tool_use block."""
    return [*open_tool_use(index, identity, name, *pieces), _stop(index)]


def open_tool_use(index: int, identity: str, name: str, *pieces: str) -> Events:
    """A tool_use block that nothing ends."""
    start = {"type": "tool_use", "id": identity, "name": name, "input": {}, "caller": {"type": "direct"}}
    return _block(index, start, "input_json_delta", "partial_json", pieces)


def end(
    stop_reason: str, counters: Json = COUNTED, *, stop_sequence: str | None = None, details: Json | None = None
) -> Events:
    """How every stream ends that does not fail."""
    delta = {
        "stop_reason": stop_reason,
        "stop_sequence": stop_sequence,
        "stop_details": details,
        "container": None,
    }
    return [{"type": "message_delta", "delta": delta, "usage": counters}, {"type": "message_stop"}]


def error(message: str, error_type: str = "api_error") -> Events:
    """How a stream ends that fails."""
    return [{"type": "error", "error": {"type": error_type, "message": message}, "request_id": None}]


def whole(
    *content: Json,
    stop_reason: str,
    counters: Json = COUNTED,
    stop_sequence: str | None = None,
    service_tier: str = "standard",
    details: Json | None = None,
) -> Json:
    """The whole message."""
    return {
        "id": MESSAGE_ID,
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": list(content),
        "stop_reason": stop_reason,
        "stop_sequence": stop_sequence,
        "stop_details": details,
        "container": None,
        "usage": {**at_start(service_tier), **counters},
    }


def text_block(words: str) -> Json:
    """A text block of a message."""
    return {"type": "text", "text": words, "citations": None}


def thinking_block(words: str, signature: str = "ew1.shown") -> Json:
    """A thinking block of a message."""
    return {"type": "thinking", "thinking": words, "signature": signature}


def tool_use_block(identity: str, name: str, arguments: Mapping[str, Any]) -> Json:
    """A tool_use block of a message."""
    return {
        "type": "tool_use",
        "id": identity,
        "name": name,
        "input": dict(arguments),
        "caller": {"type": "direct"},
    }


def ours(upstream_id: str, position: int = 0, signature: str | None = None) -> str:
    """Our id for a call; golden vectors of these stand in tests/unit/translator/test_tool_ids.py."""
    return wrap(upstream_id, position=position, message_id=MESSAGE_ID, signature=signature)
