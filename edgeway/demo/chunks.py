"""Writes a plan as chat completions, in chunks or as one object, cut where the caller's limits are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from edgeway.demo import MODEL
from edgeway.demo.conversation import Request
from edgeway.demo.plan import Plan

ARGUMENT_CHARACTERS: Final = 24
"""In one piece of a call's arguments."""
_WORD_AND_SPACE: Final = re.compile(r"\S+\s*|\s+")

FinishReason = Literal["stop", "length", "tool_calls"]
Delta = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in pieces, each of which counts as one token."""

    id: str
    deltas: tuple[Delta, ...]
    finish_reason: FinishReason
    prompt_tokens: int


def make_answer(plan: Plan, request: Request, answer_id: str) -> Answer:
    """Return the plan in pieces, as far as `stop` and `max_tokens` let it go."""
    stopped_at = min((at for stop in request.stop if (at := plan.text.find(stop)) >= 0), default=None)
    if stopped_at is not None:
        plan = Plan(plan.thoughts, plan.text[:stopped_at])
    deltas = tuple(_deltas(plan, request.calls_before))
    finish_reason: FinishReason = "tool_calls" if plan.calls else "stop"
    if request.max_tokens is not None and len(deltas) > request.max_tokens:
        deltas, finish_reason = deltas[: request.max_tokens], "length"
    return Answer(answer_id, deltas, finish_reason, request.prompt_tokens)


def chunks(answer: Answer, *, include_usage: bool) -> Iterator[dict[str, Any]]:
    """Yield the objects of a stream."""
    for delta in ({"role": "assistant", "content": ""}, *answer.deltas):
        yield _chunk(answer, [{"index": 0, "delta": delta, "finish_reason": None}])
    yield _chunk(answer, [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}])
    if include_usage:
        yield {**_chunk(answer, []), "usage": _usage(answer)}


def completion(answer: Answer) -> dict[str, Any]:
    """Return the whole answer as one object: the fold of its pieces."""
    message: dict[str, Any] = {"role": "assistant", "content": None}
    for delta in answer.deltas:
        for field in delta.keys() & {"content", "reasoning_content"}:
            message[field] = (message.get(field) or "") + delta[field]
        for piece in delta.get("tool_calls", ()):
            _append(message.setdefault("tool_calls", []), piece)
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    return {**_head(answer, "chat.completion"), "choices": [choice], "usage": _usage(answer)}


def _deltas(plan: Plan, calls_before: int) -> Iterator[Delta]:
    for word in _WORD_AND_SPACE.findall(plan.thoughts):
        yield {"reasoning_content": word}
    for word in _WORD_AND_SPACE.findall(plan.text):
        yield {"content": word}
    for index, call in enumerate(plan.calls):
        opening = {"id": f"call_{calls_before + index + 1}", "type": "function"}
        yield {"tool_calls": [{"index": index, **opening, "function": {"name": call.name, "arguments": ""}}]}
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        for at in range(0, len(arguments), ARGUMENT_CHARACTERS):
            piece = arguments[at : at + ARGUMENT_CHARACTERS]
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _append(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    if "id" in piece:
        calls.append({"id": piece["id"], "type": piece["type"], "function": dict(piece["function"])})
    else:
        calls[piece["index"]]["function"]["arguments"] += piece["function"]["arguments"]


def _chunk(answer: Answer, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {**_head(answer, "chat.completion.chunk"), "choices": choices}


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    # No clock: the same request has the same answer, to the byte.
    return {"id": answer.id, "object": kind, "created": 0, "model": MODEL}


def _usage(answer: Answer) -> dict[str, Any]:
    completion_tokens = len(answer.deltas)
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": answer.prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": sum("reasoning_content" in delta for delta in answer.deltas)},
    }
