"""The laws of a chat completions request refuse what upstreams refuse."""

from typing import Any

import pytest

from tests.laws.chat_requests import check_chat_request

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Look."}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
ASKS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "A wall."}
PARTS = {"role": "user", "content": [{"type": "text", "text": "What is it?"}]}
LAWFUL = [SYSTEM, USER, ASKS, RESULT, PARTS]

ILLEGAL: dict[str, list[dict[str, Any]]] = {
    "nobody has spoken": [SYSTEM],
    "an unknown role": [USER, {"role": "function", "content": "x"}],
    "two user turns": [USER, USER],
    "two assistant turns": [USER, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}],
    "a call that nobody answers": [USER, ASKS],
    "an answer that comes late": [USER, ASKS, USER, RESULT],
    "a system message between a call and its answer": [USER, ASKS, SYSTEM, RESULT],
    "an answer to no call": [USER, RESULT],
    "two answers to a call": [USER, ASKS, RESULT, RESULT],
    "an id for two calls of a turn": [USER, {**ASKS, "tool_calls": [CALL, CALL]}, RESULT, RESULT],
    "an id for two calls of two turns": [USER, ASKS, RESULT, ASKS, RESULT],
    "an empty user message": [{"role": "user", "content": " "}],
    "an empty assistant message": [USER, {"role": "assistant", "content": ""}],
    "null for no call": [USER, {"role": "assistant", "content": None}],
    "no parts": [{"role": "user", "content": []}],
    "an empty part": [{"role": "user", "content": [{"type": "text", "text": ""}]}],
    "a thinking part": [{"role": "user", "content": [{"type": "thinking", "thinking": "x"}]}],
    "parts in a tool message": [USER, ASKS, {**RESULT, "content": PARTS["content"]}],
    "a marker of Anthropic's cache": [{**USER, "cache_control": {"type": "ephemeral"}}],
    "a function's name that is too long": [
        USER,
        {**ASKS, "tool_calls": [{**CALL, "function": {"name": "x" * 65, "arguments": "{}"}}]},
        RESULT,
    ],
}

ILLEGAL_FIELDS: dict[str, dict[str, Any]] = {
    "no tools in the list": {"tools": []},
    "a choice without tools": {"tool_choice": "auto"},
    "parallel calls without tools": {"parallel_tool_calls": False},
    "a tool that is not offered": {
        "tools": [TOOL],
        "tool_choice": {"type": "function", "function": {"name": "listen"}},
    },
    "a name with a dot": {"tools": [{"type": "function", "function": {**TOOL["function"], "name": "a.b"}}]},  # type: ignore[dict-item]
    "a schema without properties": {
        "tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "object", "properties": None}}}]
    },
    "a schema of no object": {
        "tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "string", "properties": {}}}}]
    },
}


def test_a_lawful_request_passes() -> None:
    check_chat_request({"messages": LAWFUL, "tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False})


@pytest.mark.parametrize("messages", ILLEGAL.values(), ids=ILLEGAL)
def test_illegal_messages_are_refused(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(AssertionError):
        check_chat_request({"messages": messages})


@pytest.mark.parametrize("fields", ILLEGAL_FIELDS.values(), ids=ILLEGAL_FIELDS)
def test_illegal_fields_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_chat_request({"messages": [USER], **fields})
