"""What OpenAI's Responses demands of a request without state, as executable law.

Source: https://platform.openai.com/docs/api-reference/responses/create, and the refusals that spec and issues quote.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.laws.chat_requests import FUNCTION_NAME

Item = Mapping[str, Any]

CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
STATEFUL = ("background", "conversation", "previous_response_id", "prompt", "truncation")


def check_responses_request(body: Mapping[str, Any]) -> None:
    """Raise AssertionError where OpenAI would refuse the body for its structure."""
    items = body["input"]
    assert isinstance(items, list)
    assert items, "somebody must have spoken"
    assert not set(STATEFUL) & set(body), "nothing is kept at the upstream"
    assert body["max_output_tokens"] >= 16
    assert body.get("instructions") != ""
    for item in items:
        assert "id" not in item, "an id would be looked up, and not be found"
        _check_item(item)
    _check_calls(items)
    _check_reasoning(items)
    _check_tools(body)


def _check_item(item: Item) -> None:
    if item.get("role") == "assistant":
        assert isinstance(item["content"], str), "an assistant's parts are no input"
        assert item["content"].strip(), "no message is empty"
    elif item["type"] == "message":
        assert item["role"] in ("user", "developer")
        _check_parts(item["content"])
    elif item["type"] == "function_call_output":
        _check_parts(item["output"])
    else:
        assert item["type"] in ("function_call", "reasoning")


def _check_parts(content: str | Sequence[Item]) -> None:
    if isinstance(content, str):
        assert content.strip(), "no message is empty"
        return
    assert content
    for part in content:
        assert part["type"] in ("input_text", "input_image", "input_file")
        assert part["type"] != "input_text" or part["text"].strip(), "no part is empty"


def _check_calls(items: Sequence[Item]) -> None:
    """Every call has one output behind it, and every output a call before it, before anybody else speaks."""
    unanswered: list[str] = []
    named: set[str] = set()
    for item in items:
        match item.get("type"):
            case "function_call":
                assert CALL_ID.fullmatch(item["call_id"])
                assert FUNCTION_NAME.fullmatch(item["name"])
                assert item["call_id"] not in named, "no id names two calls"
                named.add(item["call_id"])
                unanswered.append(item["call_id"])
            case "function_call_output":
                assert item["call_id"] == unanswered.pop(0), "outputs stand in the order of their calls"
            case "message":
                assert not unanswered, "outputs follow the calls of a turn at once"
            case _:
                pass
    assert not unanswered, "every call has an output"


def _check_reasoning(items: Sequence[Item]) -> None:
    blobs = [item.get("encrypted_content") for item in items if item.get("type") == "reasoning"]
    encrypted = [blob for blob in blobs if blob is not None]
    assert len(set(encrypted)) == len(encrypted), "no reasoning goes back twice"
    followers = [
        following for item, following in zip(items, [*items[1:], {}], strict=True) if item.get("type") == "reasoning"
    ]
    for item in followers:
        is_assistants = item.get("role") == "assistant" or item.get("type") in ("function_call", "reasoning")
        assert is_assistants, "reasoning is followed by something of its turn"


def _check_tools(body: Mapping[str, Any]) -> None:
    tools = body.get("tools", ())
    assert body.get("tools") != [], "no list of no tools"
    names = [tool["name"] for tool in tools if tool["type"] == "function"]
    searches = [tool for tool in tools if tool["type"] != "function"]
    assert [tool["type"] for tool in searches] in ([], ["web_search"]), "there is one built-in tool"
    assert not searches or body.get("reasoning", {}).get("effort") != "minimal", "who thinks that little may not search"
    assert searches or "max_tool_calls" not in body, "functions are not counted"
    assert searches or "web_search_call.action.sources" not in body.get("include", ())
    for tool in tools:
        if tool["type"] == "function":
            assert FUNCTION_NAME.fullmatch(tool["name"])
            assert isinstance(tool["strict"], bool), "OpenAI makes strict what is not told"
    choice = body.get("tool_choice")
    assert choice is None or tools, "a choice needs tools"
    assert not isinstance(choice, dict) or choice["name"] in names, "what is chosen is offered"
    assert "parallel_tool_calls" not in body or tools
