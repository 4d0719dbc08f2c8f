"""The official TypeScript SDK: streams, tools over two turns, errors."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.clients.claude_code import BIN, MODULES
from tests.laws import check
from tests.running import ROOT, Gateway, Upstream

pytestmark = [pytest.mark.clients]

SCRIPT = ROOT / "tests" / "clients" / "stream.mjs"
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def streamed(gateway: Gateway, *messages: dict[str, Any], **more: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The events, and what the SDK makes of them."""
    request = {"model": "gpt-5", "max_tokens": 100, "messages": messages, **more}
    node = shutil.which("node", path=f"{BIN}:/usr/local/bin:/usr/bin:/bin") or shutil.which("node")
    assert node is not None, "npm comes with node"
    ended = subprocess.run(
        [node, SCRIPT],
        cwd=MODULES.parent,
        env={},
        input=json.dumps({"baseURL": gateway.url, "apiKey": gateway.key, "request": request}),
        capture_output=True,
        text=True,
        check=True,
    )
    *events, last = map(json.loads, ended.stdout.splitlines())
    return events, last


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_a_stream_is_handed_on_event_by_event(gateway: Gateway) -> None:
    events, last = streamed(gateway, user("Hello"))
    check(events)
    deltas = [event["delta"]["text"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(deltas) == "Hello from the upstream"
    assert last["final"]["content"] == [{"type": "text", "text": "Hello from the upstream", "citations": None}]
    assert (last["final"]["stop_reason"], last["final"]["usage"]["output_tokens"]) == ("end_turn", 30)


def test_a_tool_is_called_and_told_its_result(gateway: Gateway, upstream: Upstream) -> None:
    question = user("The weather? [[play:tool]]")
    events, last = streamed(gateway, question, tools=[WEATHER])
    check(events)
    text, use = last["final"]["content"]
    assert (text["text"], use["name"], use["input"]) == ("Looking.", "get_weather", {"city": "London"})
    assert last["final"]["stop_reason"] == "tool_use"
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": "Rain. [[play:plain]]"}
    answer = {"role": "assistant", "content": last["final"]["content"]}
    streamed(gateway, question, answer, user([result]), tools=[WEATHER])
    *_, called, told = upstream.requests()[-1]["body"]["messages"]
    assert [call["id"] for call in called["tool_calls"]] == [told["tool_call_id"]] == ["call_a"]
    assert told["content"] == "Rain. [[play:plain]]"


def test_thinking_comes_before_the_text(gateway: Gateway) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    events, last = streamed(gateway, user("Think. [[play:reasoning-content]]"), thinking=thinking, max_tokens=4000)
    check(events)
    assert [block["type"] for block in last["final"]["content"]] == ["thinking", "text"]
    assert last["final"]["content"][0]["thinking"] == "Let me think."


@pytest.mark.parametrize(
    ("play", "name", "status"),
    [("limited", "RateLimitError", 429), ("overflow-openai", "BadRequestError", 400), ("error-after-text", None, None)],
)
def test_errors_are_the_sdks_own(play: str, name: str | None, status: int | None, gateway: Gateway) -> None:
    _, last = streamed(gateway, user(f"Hello [[play:{play}]]"))
    assert last["error"]["status"] == status
    assert name is None or last["error"]["name"] == name
