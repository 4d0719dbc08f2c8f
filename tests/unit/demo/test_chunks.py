"""The demo model's answers as chat completions, within the caller's limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from edgeway.demo.chunks import Answer, chunks, completion, make_answer
from edgeway.demo.conversation import InvalidRequestError, read_request
from edgeway.demo.hands import Call
from edgeway.demo.plan import Plan
from tests.unit.demo.conversations import request, user

PLAN = Plan("I think. ", "One two three", (Call("get", {"city": "Ville-d'Avray"}, "look"), Call("end", {}, "end")))


def answer(plan: Plan = PLAN, **options: Any) -> Answer:
    return make_answer(plan, request("Hello", **options), "chatcmpl-1")


def test_the_whole_answer() -> None:
    whole = completion(answer())
    ChatCompletion.model_validate(whole, strict=True)
    (choice,) = whole["choices"]
    kind = "function"
    assert choice["message"] == {
        "role": "assistant",
        "reasoning_content": "I think. ",
        "content": "One two three",
        "tool_calls": [
            {"id": "call_1", "type": kind, "function": {"name": "get", "arguments": '{"city": "Ville-d\'Avray"}'}},
            {"id": "call_2", "type": kind, "function": {"name": "end", "arguments": "{}"}},
        ],
    }  # fmt: skip
    assert choice["finish_reason"] == "tool_calls"


def test_usage_counts_the_pieces() -> None:
    usage = completion(answer())["usage"]
    assert usage["completion_tokens"] == 2 + 3 + 2 + 3
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 2}
    assert usage["prompt_tokens_details"] == {"cached_tokens": 0}
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] > 0


def test_the_stream_says_the_same() -> None:
    stream = list(chunks(answer(), include_usage=True))
    for chunk in stream:
        ChatCompletionChunk.model_validate(chunk, strict=True)
    *rest, last = stream
    assert (last["choices"], last["usage"]) == ([], completion(answer())["usage"])
    deltas = [choice["delta"] for chunk in rest for choice in chunk["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == "One two three"
    pieces = [piece["function"]["arguments"] for delta in deltas for piece in delta.get("tool_calls", ())]
    assert "".join(pieces) == '{"city": "Ville-d\'Avray"}{}'
    reasons = [choice["finish_reason"] for chunk in rest for choice in chunk["choices"]]
    assert reasons == [None] * (len(rest) - 1) + ["tool_calls"]


def test_usage_is_streamed_only_where_it_is_asked_for() -> None:
    assert all("usage" not in chunk for chunk in chunks(answer(), include_usage=False))


@pytest.mark.parametrize(
    ("limit", "content", "arguments"),
    [(1, None, []), (3, "One ", []), (7, "One two three", ['{"city": "Ville-d\'Avray"'])],
)
def test_max_tokens(limit: int, content: str | None, arguments: list[str]) -> None:
    whole = completion(answer(max_tokens=limit))
    (choice,) = whole["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == (content, "length")
    assert [call["function"]["arguments"] for call in choice["message"].get("tool_calls", ())] == arguments
    assert whole["usage"]["completion_tokens"] == limit


@pytest.mark.parametrize(("stop", "content"), [("two", "One "), (["three", "two"], "One "), ([""], "One two three")])
def test_stop(stop: Any, content: str) -> None:
    (choice,) = completion(answer(stop=stop))["choices"]
    assert choice["message"]["content"] == content
    assert (choice["finish_reason"] == "stop") == (content == "One ")


def test_ids_go_on_in_a_conversation() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get", "arguments": "{}"}}
    said = [user("Hello"), {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "call_1"}]
    whole = completion(make_answer(PLAN, request(said), "chatcmpl-1"))
    assert [call["id"] for call in whole["choices"][0]["message"]["tool_calls"]] == ["call_2", "call_3"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "messages: a list with at least one message is required"),
        ({"messages": []}, "messages: a list with at least one message is required"),
        ({"messages": ["hello"]}, "messages: a list with at least one message is required"),
        ({"messages": [{}], "tools": ["hello"]}, "the body has not the shape of a chat completion request"),
        (
            {"messages": [{}], "tool_choice": {"type": "function", "function": {"name": "get"}}},
            "tool_choice: no tool of this name is offered",
        ),
    ],
)
def test_what_is_no_request(body: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read_request(json.loads(json.dumps(body)))
    assert str(caught.value) == message
