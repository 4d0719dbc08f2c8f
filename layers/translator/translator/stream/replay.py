"""Turns a whole stream into the message that it is, and a message into a stream, for answers that are kept."""

import json
from collections.abc import Iterator
from typing import Any, cast

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, Message, encode_events
from translator.server_sent_events import EventStreamDecoder
from translator.stream.fold import Fold

_AT_THE_END = (
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens_details",
    "server_tool_use",
    "iterations",
    "fallback_credit",
)
"""Of the usage, what a `message_delta` has."""

_NOTHING_YET = {"output_tokens": 1, "output_tokens_details": None}


def message_in(stream: bytes) -> Message | None:
    """Return the message of a stream; None where it has no end, or holds blocks that cannot be folded."""
    fold = Fold()
    try:
        fold.feed(json.loads(data) for data in EventStreamDecoder().feed(stream))
    except (ApiError, LookupError, TypeError, ValueError):
        return None
    try:
        return fold.message
    except ApiError:
        return None


def replayed(message: Message) -> bytes:
    """Return the message as a stream, with as few deltas as possible."""
    return encode_events(_events(message))


def _events(message: Message) -> Iterator[Event]:
    usage = message["usage"]
    begun = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    yield {"type": "message_start", "message": cast("Message", {**begun, "usage": {**usage, **_NOTHING_YET}})}
    for index, block in enumerate(message["content"]):
        empty, deltas = _taken_apart(block)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {name: message.get(name) for name in ("stop_reason", "stop_sequence", "stop_details", "container")}
    beta = {name: value for name, value in message.items() if name == "context_management"}
    counted = {name: usage[name] for name in _AT_THE_END if name in usage}
    yield cast("Event", {"type": "message_delta", "delta": ended, "usage": counted, **beta})
    yield {"type": "message_stop"}


def _taken_apart(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a block in its first form, and its deltas. Blocks of other kinds begin whole."""
    match block["type"]:
        case "text":
            citations = block.get("citations") or []
            deltas = [{"type": "citations_delta", "citation": each} for each in citations]
            said = [{"type": "text_delta", "text": block["text"]}] if block["text"] else []
            return {**block, "text": "", **({"citations": []} if citations else {})}, [*deltas, *said]
        case "thinking":
            thought = [{"type": "thinking_delta", "thinking": block["thinking"]}] if block["thinking"] else []
            signed = {"type": "signature_delta", "signature": block["signature"]}
            return {**block, "thinking": "", "signature": ""}, [*thought, signed]
        case "tool_use" | "server_tool_use":
            given = json.dumps(block["input"], separators=(",", ":"))
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": given}]
        case _:
            return block, []
