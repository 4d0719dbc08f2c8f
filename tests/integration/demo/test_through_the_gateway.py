"""The demo model in its place: behind the gateway, asked as Anthropic's clients ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from edgeway.demo.process import start
from edgeway.demo.wording import LABEL
from tests.laws import Event, check, decode, text_of, tool_calls_of
from tests.running import Upstream, running_gateway

Ask = Callable[..., list[Event]]
WRITE = {
    "name": "Write",
    "input_schema": {
        "type": "object",
        "properties": {"file_path": {"type": "string"}, "content": {"type": "string"}},
        "required": ["file_path", "content"],
    },
}
TASK = {"role": "user", "content": "write a file hello.txt with the content Hi there"}
ENVIRONMENT = "# Environment\n - Primary working directory: /home/me"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with start("--pace", "0.001") as demo:
        upstream = Upstream(demo.base_url.removesuffix("/v1"), demo.pid)
        variables = {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "LLAMACPP_BASE_URL": demo.base_url}
        with (
            running_gateway(upstream, **variables) as gateway,
            httpx.Client(base_url=gateway.url, headers={"x-api-key": gateway.key}, trust_env=False) as client,
        ):

            def events(*messages: dict[str, Any], **options: Any) -> list[Event]:
                asked = {"model": "claude-sonnet-4-20250514", "max_tokens": 500, "messages": messages, "stream": True}
                answer = client.post("/v1/messages", json={**asked, **options}).raise_for_status()
                streamed = decode(answer.content)
                check(streamed)
                return streamed

            yield events


def stop_reason(events: list[Event]) -> str:
    reason: str = events[-2]["delta"]["stop_reason"]
    return reason


def test_it_says_what_it_is(ask: Ask) -> None:
    events = ask({"role": "user", "content": "Hello"})
    assert text_of(events).startswith(LABEL)
    assert stop_reason(events) == "end_turn"
    assert events[-2]["usage"]["output_tokens"] > 0


def test_it_calls_a_tool_and_reports_the_result(ask: Ask) -> None:
    events = ask(TASK, system=ENVIRONMENT, tools=[WRITE])
    assert tool_calls_of(events) == [("Write", '{"file_path": "/home/me/hello.txt", "content": "Hi there"}')]
    assert stop_reason(events) == "tool_use"
    (call,) = (event["content_block"] for event in events if event.get("content_block", {}).get("type") == "tool_use")
    turn = {"role": "assistant", "content": [{**call, "input": {"file_path": "/home/me/hello.txt", "content": "Hi"}}]}
    failed = {"type": "tool_result", "tool_use_id": call["id"], "content": "The disk is full", "is_error": True}
    events = ask(TASK, turn, {"role": "user", "content": [failed]}, system=ENVIRONMENT, tools=[WRITE])
    assert "- write hello.txt: failed, “Error: The disk is full”" in text_of(events)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"max_tokens": 3}, "max_tokens"), ({"stop_sequences": ["model"]}, "stop_sequence")],
)
def test_limits(ask: Ask, options: dict[str, Any], reason: str) -> None:
    assert stop_reason(ask({"role": "user", "content": "Hello"}, **options)) == reason
