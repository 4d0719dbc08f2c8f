"""Chunks of an OpenAI chat completion stream, as the bytes that an upstream writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.upstreams.answers import Send, Step, Stream

DONE = Send(b"data: [DONE]\n\n")
USAGE: Mapping[str, Any] = {
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 100},
    "completion_tokens_details": {"reasoning_tokens": 10},
}


def event(payload: Mapping[str, Any]) -> bytes:
    """One server-sent event, its text as plain UTF-8."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def chunk(choices: list[Mapping[str, Any]], **more: Any) -> Send:
    """A chunk with these choices and any further top-level fields."""
    head = {"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1764000000}
    return Send(event({**head, "model": "scripted", "choices": choices, **more}))


def delta(fields: Mapping[str, Any], finish_reason: str | None = None, **more: Any) -> Send:
    """A chunk with one choice."""
    return chunk([{"index": 0, "delta": fields, "finish_reason": finish_reason}], **more)


def text(*pieces: str) -> tuple[Step, ...]:
    """Content, a chunk for each piece."""
    return tuple(delta({"content": piece}) for piece in pieces)


def reasoning(*pieces: str, spelling: str = "reasoning_content") -> tuple[Step, ...]:
    """Reasoning, in one of the spellings that upstreams use."""
    return tuple(delta({spelling: piece}) for piece in pieces)


def call(index: int | None, identity: str, name: str, *fragments: str) -> tuple[Step, ...]:
    """A tool call: an opening chunk without arguments, then a chunk for each fragment of them."""
    opening = delta({"tool_calls": [call_part(index, identity, name)]})
    return (opening, *(arguments(index, fragment) for fragment in fragments))


def arguments(index: int | None, fragment: str) -> Send:
    """A further fragment of a tool call's arguments."""
    position = {} if index is None else {"index": index}
    return delta({"tool_calls": [{**position, "function": {"arguments": fragment}}]})


def call_part(index: int | None, identity: str, name: str, fragment: str = "") -> dict[str, Any]:
    """The opening element of a call in `tool_calls`; without an index, as Gemini's layer sends it."""
    position = {} if index is None else {"index": index}
    return {**position, "id": identity, "type": "function", "function": {"name": name, "arguments": fragment}}


def finish(reason: str) -> tuple[Step, ...]:
    """The finish reason, the usage in a chunk without choices, and the end mark."""
    return delta({}, reason), chunk([], usage=USAGE), DONE


def stream(*parts: tuple[Step, ...], delay: float = 0.0) -> Stream:
    """Parts in order, after the opening chunk that names the role."""
    opening = delta({"role": "assistant", "content": ""})
    return Stream((opening, *(step for part in parts for step in part)), delay)
