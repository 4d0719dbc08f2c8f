"""How each of the three dialects says what a model is asked, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.laws.chat_requests import check_chat_request
from tests.laws.responses_requests import check_responses_request
from tests.upstreams import chat, responses
from tests.upstreams.answers import Send
from tests.upstreams.bedrock import event
from tests.upstreams.responses_scenarios import stream as responses_stream

Body = Mapping[str, Any]
EVENTS: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, whatever its dialect."""

    text: str
    """What users have said."""
    tools: frozenset[str]
    results: tuple[str, ...]
    """What tools have said, oldest first."""
    proofs: frozenset[str]
    """What has come back of the model's own reasoning."""
    wants_thinking: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model answers."""

    text: str = ""
    call: Mapping[str, Any] | None = None
    thought: str = ""
    proof: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One of the three."""

    name: str
    model: str
    """By which Edgeway is asked for it."""
    check: Callable[[Body], None]
    read: Callable[[Body], Asked]
    write: Callable[..., tuple[str, bytes]]
    refusal: Callable[[str], dict[str, Any]]
    proof: Callable[[str, str], str]
    """What has to come back of a thought, which is itself or what was encrypted beside it."""


def _texts(content: Any, *kinds: str) -> str:
    """The texts of content, which may be one."""
    parts = [{"type": kinds[0], "text": content}] if isinstance(content, str) else content or ()
    return "\n".join(part["text"] for part in parts if part["type"] in kinds)


def _openai_refusal(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}


def _read_chat(body: Body) -> Asked:
    messages = body["messages"]
    return Asked(
        "\n".join(_texts(each["content"], "text") for each in messages if each["role"] == "user"),
        frozenset(tool["function"]["name"] for tool in body.get("tools", ())),
        tuple(_texts(each["content"], "text") for each in messages if each["role"] == "tool"),
        frozenset(each["reasoning_content"] for each in messages if each.get("reasoning_content")),
        body.get("thinking") == {"type": "enabled"},
    )


def _write_chat(turn: Turn, *, stream: bool) -> tuple[str, bytes]:
    assert stream, "Edgeway asks for a stream"
    call = turn.call
    parts = [
        chat.reasoning(turn.thought) if turn.thought else (),
        chat.text(turn.text) if turn.text else (),
        chat.call(0, "call_note", call["name"], json.dumps(call["input"])) if call else (),
        chat.finish("tool_calls" if call else "stop"),
    ]
    return EVENTS, _sent(chat.stream(*parts).steps)


def _sent(steps: Sequence[object]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def _read_responses(body: Body) -> Asked:
    items = body["input"]
    return Asked(
        "\n".join(_texts(item["content"], "input_text") for item in items if item.get("role") == "user"),
        frozenset(tool["name"] for tool in body.get("tools", ())),
        tuple(_texts(item["output"], "input_text") for item in items if item.get("type") == "function_call_output"),
        frozenset(item["encrypted_content"] for item in items if item.get("type") == "reasoning"),
        body.get("reasoning", {}).get("effort", "none") != "none",
    )


def _write_responses(turn: Turn, *, stream: bool) -> tuple[str, bytes]:
    assert stream, "Edgeway asks for a stream"
    return EVENTS, _sent(responses_stream([responses.begun(), *_items(turn), responses.ended()]).steps)


def _items(turn: Turn) -> Iterator[responses.Json]:
    if turn.thought:
        yield from responses.reasoning_events(0, turn.thought, blob=turn.proof)
    if turn.text:
        yield from responses.text_events(1, turn.text)
    if turn.call:
        yield from responses.call_events(2, json.dumps(turn.call["input"]), name=turn.call["name"])


def _check_messages(body: Body) -> None:
    """What Claude refuses most: turns that do not alternate in their tools, and thinking that is not as it was."""
    uses: set[str] = set()
    for message in body["messages"]:
        blocks = message["content"] if isinstance(message["content"], list) else []
        results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        assert results == uses, "every tool_use has its tool_result in the next message"
        uses = {block["id"] for block in blocks if block["type"] == "tool_use"}
        assert all("signature" in block for block in blocks if block["type"] == "thinking"), "thinking is signed"
    assert not uses, "the last tool_use has no tool_result"


def _read_messages(body: Body) -> Asked:
    messages = [(each["role"], each["content"]) for each in body["messages"]]
    blocks = [(role, block) for role, content in messages if isinstance(content, list) for block in content]
    return Asked(
        "\n".join(_texts(content, "text") for role, content in messages if role == "user"),
        frozenset(tool["name"] for tool in body.get("tools", ())),
        tuple(_texts(block.get("content"), "text") for _, block in blocks if block["type"] == "tool_result"),
        frozenset(f"{block['thinking']}|{block['signature']}" for _, block in blocks if block["type"] == "thinking"),
        body.get("thinking", {}).get("type") in ("enabled", "adaptive"),
    )


def _write_messages(turn: Turn, *, stream: bool) -> tuple[str, bytes]:
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if turn.thought:
        signature = turn.proof.partition("|")[2]
        deltas = [{"type": "thinking_delta", "thinking": turn.thought}]
        deltas.append({"type": "signature_delta", "signature": signature})
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    if turn.text:
        blocks.append(({"type": "text", "text": ""}, [{"type": "text_delta", "text": turn.text}]))
    if turn.call:
        use = {"type": "tool_use", "id": "toolu_01Note", "name": turn.call["name"], "input": {}}
        blocks.append((use, [{"type": "input_json_delta", "partial_json": json.dumps(turn.call["input"])}]))
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 90, "output_tokens": 5}
    message: dict[str, Any] = {"id": "msg_01Note", "type": "message", "role": "assistant", "model": "claude-opus-4-5"}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    ending = {"stop_reason": "tool_use" if turn.call else "end_turn", "stop_sequence": None}
    if not stream:
        content = [_whole(block, deltas, turn) for block, deltas in blocks]
        return "application/json", json.dumps({**message, **ending, "content": content}).encode()
    events = [event("message_start", message=message)]
    for index, (block, deltas) in enumerate(blocks):
        events.append(event("content_block_start", index=index, content_block=block))
        events += [event("content_block_delta", index=index, delta=delta) for delta in deltas]
        events.append(event("content_block_stop", index=index))
    events += [event("message_delta", delta=ending, usage={"output_tokens": 5}), event("message_stop")]
    return EVENTS, b"".join(events)


def _whole(block: Mapping[str, Any], deltas: Sequence[Mapping[str, Any]], turn: Turn) -> dict[str, Any]:
    if block["type"] == "tool_use":
        assert turn.call is not None
        return {**block, "input": turn.call["input"]}
    said = {name: value for delta in deltas for name, value in delta.items() if name != "type"}
    return {**block, **said}


DIALECTS: Final[Mapping[str, Dialect]] = {
    "/chat/v1/chat/completions": Dialect(
        "chat",
        "deepseek/deepseek-v4-pro",
        check_chat_request,
        _read_chat,
        _write_chat,
        _openai_refusal,
        lambda thought, _: thought,
    ),
    "/responses/v1/responses": Dialect(
        "Responses",
        "openai/gpt-5.6-sol",
        check_responses_request,
        _read_responses,
        _write_responses,
        _openai_refusal,
        lambda _, proof: f"gAAAA{proof}",
    ),
    "/messages/v1/messages": Dialect(
        "Anthropic",
        "anthropic/claude-opus-4-5",
        _check_messages,
        _read_messages,
        _write_messages,
        lambda message: {"type": "error", "error": {"type": "invalid_request_error", "message": message}},
        lambda thought, proof: f"{thought}|{proof}",
    ),
}
"""By the path at which a gateway finds them."""


def gateway_environment(url: str, folder: Path) -> dict[str, str]:
    """What leads a gateway to the stand-in, beside OpenAI's key: an operator's file in this folder."""
    file = folder / "edgeway.toml"
    file.write_text(
        f'''
[providers.deepseek]
base_url = "{url}/chat/v1"
allow_http = true

[providers.openai]
base_url = "{url}/responses/v1"
allow_http = true
dialect = "responses"

[providers.anthropic]
base_url = "{url}/messages/v1"
allow_http = true
'''
    )
    keys = {f"{provider}_API_KEY": f"upstream-{provider}" for provider in ("DEEPSEEK", "ANTHROPIC")}
    return {"EDGEWAY_CONFIG": str(file), "OPENAI_BASE_URL": "", **keys}
