"""What the stand-in for Anthropic's API answers: one message, whole or as events; the same for the same request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from tests.upstreams.claude.session import Asked, turn

Json = dict[str, Any]
SIGNED_BY = "the stand-in "
"""Before a digest of the thinking: a signature of its own."""


class RefusedHistoryError(ValueError):
    """A conversation that the API refuses."""


def judge(messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse thinking that Claude has not signed, and calls that have no results. Raises `RefusedHistoryError`."""
    called: list[str] = []
    for place, message in enumerate(messages):
        if message["role"] == "system":
            continue
        blocks = message["content"] if isinstance(message["content"], list) else []
        for position, block in enumerate(blocks):
            if block["type"] == "thinking" and block["signature"] != signature(block["thinking"]):
                where = f"messages.{place}.content.{position}"
                raise RefusedHistoryError(f"{where}: Invalid `signature` in `thinking` block")
        found = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if missing := [each for each in called if each not in found]:
            raise RefusedHistoryError(
                f"messages.{place}: `tool_use` ids were found without `tool_result` blocks immediately after: {missing}"
            )
        called = [block["id"] for block in blocks if block["type"] == "tool_use"]


def signature(thinking: str) -> str:
    """What the stand-in signs its thinking with."""
    return SIGNED_BY + sha256(thinking.encode()).hexdigest()


def message(body: Mapping[str, Any], usage: Mapping[str, Any]) -> Json:
    """The whole answer."""
    asked = Asked.read(body)
    digest = sha256(json.dumps(body["messages"]).encode()).hexdigest()
    played = turn(asked)
    content: list[Json] = []
    if body.get("thinking", {}).get("type") in ("enabled", "adaptive"):
        content.append({"type": "thinking", "thinking": played.thinking, "signature": signature(played.thinking)})
    content.append({"type": "text", "text": played.text})
    for position, (name, arguments) in enumerate(played.calls):
        content.append({"type": "tool_use", "id": f"toolu_01{digest[:20]}{position}", "name": name, "input": arguments})
    return {
        "id": f"msg_01{digest[:22]}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": "tool_use" if played.calls else "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": {**usage, "output_tokens": 30, "service_tier": "standard", "inference_geo": "not_available"},
    }


def events(answer: Json) -> Iterator[bytes]:
    """The same as a stream; written as the API writes it, not as we would."""
    start = {**answer, "content": [], "stop_reason": None, "usage": {**answer["usage"], "output_tokens": 1}}
    yield _event("message_start", message=start)
    yield _event("ping")
    for index, block in enumerate(answer["content"]):
        yield from _block(index, block)
    ending = {name: answer[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    yield _event("message_delta", delta=ending, usage={"output_tokens": answer["usage"]["output_tokens"]})
    yield _event("message_stop")


def _block(index: int, block: Json) -> Iterator[bytes]:
    match block:
        case {"type": "thinking"}:
            empty, deltas = (
                {**block, "thinking": "", "signature": ""},
                [
                    {"type": "thinking_delta", "thinking": block["thinking"]},
                    {"type": "signature_delta", "signature": block["signature"]},
                ],
            )
        case {"type": "text"}:
            empty, deltas = {**block, "text": ""}, [{"type": "text_delta", "text": block["text"]}]
        case _:
            written = json.dumps(block["input"])
            parts = [written[: len(written) // 2], written[len(written) // 2 :]]
            empty = {**block, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
    yield _event("content_block_start", index=index, content_block=empty)
    for delta in deltas:
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _event(kind: str, **more: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more}, ensure_ascii=False)}\n\n".encode()
