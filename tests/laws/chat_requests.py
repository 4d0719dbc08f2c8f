"""What every upstream of chat completions demands of a request, as executable law.

Source: https://platform.openai.com/docs/api-reference/chat/create, and the chat templates of open models, which know no
more than one leading system message and turns that alternate.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Message = Mapping[str, Any]

FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
INSTRUCTIONS = ("system", "developer")
CACHE_MARKERS = frozenset({"cache_control", "prompt_cache_breakpoint"})


def check_chat_request(body: Mapping[str, Any], *, cache_marker: str | None = None) -> None:
    """Raise AssertionError where an upstream would refuse the body for its structure."""
    messages = body["messages"]
    _check_roles(messages)
    _check_tool_messages(messages)
    for message in messages:
        _check_content(message, cache_marker=cache_marker)
    _check_tools(body)
    unknown = CACHE_MARKERS - {cache_marker}
    assert unknown.isdisjoint(keys_of(body)), "no other vendor knows this marker of a cache"


def keys_of(value: object) -> Iterable[str]:
    """Every key in a JSON value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from keys_of(inner)


def _check_roles(messages: Sequence[Message]) -> None:
    roles = [message["role"] for message in messages]
    assert set(roles) <= {*INSTRUCTIONS, "user", "assistant", "tool"}
    assert not set(roles) <= set(INSTRUCTIONS), "somebody must have spoken"
    for before, after in pairwise(roles):
        assert before != after or after not in ("user", "assistant"), "turns of one role are one message"


def _check_tool_messages(messages: Sequence[Message]) -> None:
    """Every call is answered at once, by exactly one tool message, and no tool message answers anything else."""
    unanswered: list[str] = []
    named: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] in unanswered, "a tool message answers a call of the turn before"
            unanswered.remove(message["tool_call_id"])
            continue
        assert not unanswered, "tool messages follow their calls at once"
        unanswered = [call["id"] for call in message.get("tool_calls", ())]
        assert named.isdisjoint(unanswered), "no id names two calls"
        assert len(set(unanswered)) == len(unanswered), "no id names two calls"
        named.update(unanswered)
    assert not unanswered, "every call is answered"


def _check_content(message: Message, *, cache_marker: str | None) -> None:
    content = message["content"]
    if content is None:
        assert message.get("tool_calls"), "only tool calls stand for content"
    elif isinstance(content, str):
        assert content.strip() or message.get("tool_calls"), "no message is empty"
    else:
        only_texts = cache_marker is not None and all(part["type"] == "text" for part in content)
        assert message["role"] == "user" or only_texts, "only users send parts, except for a cache"
        assert message["role"] != "tool" or cache_marker == "cache_control", "OpenAI's tools send text"
        assert content
        for part in content:
            assert part["type"] in ("text", "image_url", "file")
            assert part["type"] != "text" or part["text"].strip(), "no part is empty"


def _check_tools(body: Mapping[str, Any]) -> None:
    assert body.get("tools") != [], "no list of no tools"
    functions = [tool["function"] for tool in body.get("tools", ())]
    names = [function["name"] for function in functions]
    for function in functions:
        assert FUNCTION_NAME.fullmatch(function["name"])
        if "parameters" in function:
            assert function["parameters"]["type"] == "object"
            assert isinstance(function["parameters"]["properties"], dict)
    choice = body.get("tool_choice")
    assert choice is None or functions, "a choice needs tools"
    assert not isinstance(choice, dict) or choice["function"]["name"] in names, "what is chosen is offered"
    assert "parallel_tool_calls" not in body or functions
    for message in body["messages"]:
        for call in message.get("tool_calls", ()):
            assert FUNCTION_NAME.fullmatch(call["function"]["name"])
