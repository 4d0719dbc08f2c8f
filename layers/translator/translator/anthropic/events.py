"""The events of a streamed answer and the Message they fold into, in the exact shapes of the official description.

Source: POST /v1/messages, `MessageStreamEvent` and `Message`. Fields that are required but null are written as null.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from json import JSONEncoder
from json.encoder import encode_basestring_ascii as _to_string
from typing import Any, Literal, TypedDict, cast

from translator.anthropic.errors import ErrorBody

StopReason = Literal[
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
]

CUT_SHORT: frozenset[StopReason] = frozenset({"max_tokens", "model_context_window_exceeded"})
"""Why an answer may end in the middle of a tool call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one request."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    thinking_tokens: int | None = None
    web_search_requests: int = 0
    cache_creation_1h_input_tokens: int = 0
    """Part of `cache_creation_input_tokens`: what is kept for an hour."""

    @property
    def whole_input(self) -> int:
        """The tokens of the prompt, wherever they came from."""
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens

    def plus(self, another: "Usage") -> "Usage":
        """Of both requests together."""
        counts: dict[str, int | None] = {}
        for each in fields(self):
            own, its = getattr(self, each.name), getattr(another, each.name)
            counts[each.name] = None if own is None and its is None else (own or 0) + (its or 0)
        return replace(self, **cast("dict[str, Any]", counts))


class RefusalStopDetails(TypedDict):
    """Why the model refused, in so far as it says."""

    type: Literal["refusal"]
    category: None
    explanation: str | None


class Message(TypedDict):
    """The whole answer."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]]
    stop_reason: StopReason | None
    stop_sequence: str | None
    stop_details: RefusalStopDetails | None
    container: None
    usage: dict[str, Any]


class MessageStart(TypedDict):
    """The first event: a message without content."""

    type: Literal["message_start"]
    message: Message


class ContentBlockStart(TypedDict):
    """A block begins."""

    type: Literal["content_block_start"]
    index: int
    content_block: dict[str, Any]


class ContentBlockDelta(TypedDict):
    """A block goes on."""

    type: Literal["content_block_delta"]
    index: int
    delta: dict[str, Any]


class ContentBlockStop(TypedDict):
    """A block ends."""

    type: Literal["content_block_stop"]
    index: int


class MessageDelta(TypedDict):
    """Why the message ended, and what it cost."""

    type: Literal["message_delta"]
    delta: dict[str, Any]
    usage: dict[str, Any]


class MessageStop(TypedDict):
    """The last event."""

    type: Literal["message_stop"]


class Ping(TypedDict):
    """A sign of life."""

    type: Literal["ping"]


Event = (
    MessageStart
    | ContentBlockStart
    | ContentBlockDelta
    | ContentBlockStop
    | MessageDelta
    | MessageStop
    | Ping
    | ErrorBody
)

PING: Ping = {"type": "ping"}

_PIECE_OF_DELTA = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}

_to_json = JSONEncoder(separators=(",", ":"), check_circular=False).encode


def encode_json(value: object) -> bytes:
    """Compact ASCII JSON: no character in it can end a line or be half a surrogate pair."""
    return _to_json(value).encode("ascii")


def encode_events(events: Iterable[Event]) -> bytes:
    """The events as server-sent events, `event:` and `data:` lines with a blank line after each."""
    lines: list[str] = []
    for event in events:
        if event["type"] == "content_block_delta" and (kind := event["delta"]["type"]) in _PIECE_OF_DELTA:
            # Pieces of text are nearly all that is ever sent, and need no walk over their shape.
            name = _PIECE_OF_DELTA[kind]
            lines.append(
                'event: content_block_delta\ndata: {"type":"content_block_delta","index":'
                f'{event["index"]},"delta":{{"type":"{kind}","{name}":{_to_string(event["delta"][name])}}}}}\n\n'
            )
        else:
            lines.append(f"event: {event['type']}\ndata: {_to_json(event)}\n\n")
    return "".join(lines).encode("ascii")


def usage_counters(usage: Usage) -> dict[str, Any]:
    """The counters of `MessageDeltaUsage`, none of them missing."""
    searches = usage.web_search_requests
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
        "output_tokens_details": None if usage.thinking_tokens is None else {"thinking_tokens": usage.thinking_tokens},
        "server_tool_use": {"web_search_requests": searches, "web_fetch_requests": 0} if searches else None,
    }


def new_message(*, message_id: str, model: str, usage: Usage, service_tier: str) -> Message:
    """A message before its first block."""
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": {
            **usage_counters(usage),
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.cache_creation_input_tokens,
                "ephemeral_1h_input_tokens": 0,
            },
            "inference_geo": None,
            "service_tier": service_tier,
        },
    }
