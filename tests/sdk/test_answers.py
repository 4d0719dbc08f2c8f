"""What the official SDK makes of every answer an upstream can give, streamed and whole."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from anthropic import Anthropic
from anthropic.types import Message

from tests.laws import check
from tests.running import Gateway, Upstream
from tests.sdk.conftest import RawEvents
from tests.upstreams.framings import PEOPLE

HELLO = ("text", "Hello from the upstream")
LONDON = ("tool_use", "get_weather", {"city": "London"})
OSLO = ("tool_use", "get_weather", {"city": "Oslo"})
THOUGHT = ("thinking", "Let me think.")
DONE = ("text", "Done.")

# play: the content, the stop reason
ANSWERS: dict[str, tuple[list[tuple[Any, ...]], str]] = {
    "plain": ([HELLO], "end_turn"),
    "unicode": ([("text", PEOPLE)], "end_turn"),
    "crlf": ([HELLO], "end_turn"),
    "tool": ([("text", "Looking."), LONDON], "tool_use"),
    "tools-parallel": ([LONDON, OSLO], "tool_use"),
    "tools-interleaved": ([LONDON, OSLO], "tool_use"),
    "tools-all-index-0": ([LONDON, OSLO], "tool_use"),
    "tools-no-index": ([LONDON, OSLO], "tool_use"),
    "tool-whole-in-opening": ([LONDON], "tool_use"),
    "tool-empty-arguments": ([("tool_use", "get_time", {})], "tool_use"),
    "tool-finish-stop": ([LONDON], "tool_use"),
    "all-in-one-chunk": ([("thinking", "Think."), ("text", "Say."), ("tool_use", "get_time", {})], "tool_use"),
    "reasoning-content": ([THOUGHT, DONE], "end_turn"),
    "reasoning": ([THOUGHT, DONE], "end_turn"),
    "reasoning-details": ([THOUGHT, DONE], "end_turn"),
    "usage-every-chunk": ([("text", "One two")], "end_turn"),
    "usage-none": ([("text", "Hello")], "end_turn"),
    "finish-length": ([("text", "Half an ans")], "max_tokens"),
    "finish-content-filter": ([("text", "I can")], "refusal"),
    "eof-without-done": ([("text", "Hello")], "end_turn"),
    "silence-20": ([("text", "Late, but here.")], "end_turn"),
    "late-20": ([("text", "Late, but here.")], "end_turn"),
}
TOOLS = [
    {
        "name": name,
        "description": "A tool",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    for name in ("get_weather", "get_time")
]


def asking(play: str) -> dict[str, Any]:
    """A request that offers the tools of the scripts and asks for thinking."""
    return {
        "model": "gpt-5",
        "max_tokens": 4000,
        "messages": [{"role": "user", "content": f"[[play:{play}]]"}],
        "tools": TOOLS,
        "thinking": {"type": "enabled", "budget_tokens": 2000, "display": "summarized"},
    }


def blocks(message: Message) -> list[tuple[Any, ...]]:
    """The content without ids and signatures."""
    short: list[tuple[Any, ...]] = []
    for block in message.content:
        match block.type:
            case "text":
                short.append(("text", block.text))
            case "thinking":
                short.append(("thinking", block.thinking))
            case "tool_use":
                short.append(("tool_use", block.name, block.input))
            case other:
                raise AssertionError(other)
    return short


@pytest.mark.parametrize("play", ANSWERS)
def test_a_whole_answer(play: str, client: Anthropic) -> None:
    message: Message = client.messages.create(**asking(play))
    assert (blocks(message), message.stop_reason) == ANSWERS[play]
    assert message.model == "gpt-5"


@pytest.mark.parametrize("play", ANSWERS)
def test_a_streamed_answer(play: str, client: Anthropic, raw_events: RawEvents) -> None:
    with client.messages.stream(**asking(play)) as stream:
        message = stream.get_final_message()
    assert (blocks(message), message.stop_reason) == ANSWERS[play]
    check(raw_events(**asking(play)))


def test_a_cut_tool_call_is_kept_as_far_as_it_parses(client: Anthropic, raw_events: RawEvents) -> None:
    message: Message = client.messages.create(**asking("tool-truncated"))
    assert (blocks(message), message.stop_reason) == ([("tool_use", "get_weather", {})], "max_tokens")
    check(raw_events(**asking("tool-truncated")))


@pytest.mark.failure_mode(27)
@pytest.mark.parametrize("play", ["plain", "usage-every-chunk"])
def test_usage_counts_cached_tokens_once(play: str, client: Anthropic, raw_events: RawEvents) -> None:
    message: Message = client.messages.create(**asking(play))
    usage = message.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (20, 100, 30)
    *_, closing, _stop = raw_events(**asking(play))
    counted = [closing["usage"][f"{kind}_tokens"] for kind in ("input", "cache_read_input", "output")]
    assert counted == [20, 100, 30]


@pytest.mark.failure_mode(26)
def test_message_start_estimates_the_input(raw_events: RawEvents) -> None:
    first, *_ = raw_events(**asking("usage-none"))
    assert first["message"]["usage"]["input_tokens"] > 0


@pytest.mark.failure_mode(21)
def test_ids_are_ours_and_unique(client: Anthropic) -> None:
    messages: list[Message] = [client.messages.create(**asking("tools-parallel")) for _ in range(2)]
    assert len({message.id for message in messages}) == 2  # Claude Code joins messages that share an id
    for message in messages:
        assert message.id.startswith("msg_")
        calls = [block.id for block in message.content if block.type == "tool_use"]
        assert len(set(calls)) == len(calls) == 2
        assert all(call.startswith("toolu_") for call in calls)


@pytest.mark.failure_mode(21)
def test_tool_results_go_back_under_the_upstreams_ids(client: Anthropic, upstream: Upstream) -> None:
    first: Message = client.messages.create(**asking("tools-parallel"))
    calls = [block for block in first.content if block.type == "tool_use"]
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": f"Sunny in {call.input['city']}"} for call in calls
    ]
    turn = asking("plain")
    turn["messages"] += [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": results},
    ]
    client.messages.create(**turn)
    messages = upstream.requests()[-1]["body"]["messages"]
    assert [call["id"] for call in messages[-3]["tool_calls"]] == ["call_a", "call_b"]
    assert messages[-2:] == [
        {"role": "tool", "tool_call_id": "call_a", "content": "Sunny in London"},
        {"role": "tool", "tool_call_id": "call_b", "content": "Sunny in Oslo"},
    ]


@pytest.mark.failure_mode(42)
@pytest.mark.parametrize("form", ["api_key", "auth_token", "x-api-key", "one of two"])
def test_the_key_may_come_in_any_form(form: str, gateway: Gateway) -> None:
    options: dict[str, dict[str, Any]] = {
        "api_key": {"api_key": gateway.key},
        "auth_token": {"auth_token": gateway.key},
        "x-api-key": {"default_headers": {"x-api-key": gateway.key}},
        "one of two": {"auth_token": "another", "default_headers": {"x-api-key": gateway.key}},
    }
    with Anthropic(base_url=gateway.url, max_retries=0, **options[form]) as client:
        message: Message = client.messages.create(**asking("plain"))
    assert blocks(message) == [HELLO]


def test_headers_tell_who_answered(raw: httpx.Client) -> None:
    answer = raw.post("/v1/messages", json=asking("plain"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["x-edgeway-model"] == "openai/gpt-5"


def test_headers_of_a_stream(raw: httpx.Client) -> None:
    answer = raw.post("/v1/messages", json={**asking("plain"), "stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["x-edgeway-model"] == "openai/gpt-5"


@pytest.mark.parametrize("path", ["/v1/messages", "/messages", "/v1/v1/messages", "/Prod/v1/messages"])
def test_every_path_streams(path: str, raw: httpx.Client) -> None:
    answer = raw.post(f"{path}?beta=true", json={**asking("plain"), "stream": True})
    assert answer.text.startswith("event: message_start\n")
