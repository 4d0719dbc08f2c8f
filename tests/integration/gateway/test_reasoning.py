"""Thirty turns with a model that refuses a request in which its encrypted reasoning is missing, moved or altered."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.gateway.conftest import Start
from tests.running import Upstream
from tests.unit.functions.functions import read_event
from tests.upstreams.keeper import KEEPER, TOO_LONG_AT, TURNS

TOOLS = [{"name": "Bash", "input_schema": {"type": "object"}}]


def results_of(content: list[dict[str, Any]]) -> dict[str, Any]:
    calls = [block for block in content if block["type"] == "tool_use"]
    assert len(calls) == 2
    results = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": call["input"]["command"]} for call in calls
    ]
    return {"role": "user", "content": results}


def test_no_reasoning_is_lost_between_a_call_and_its_result(start: Start, key: str, upstream: Upstream) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Go on."}]
    refused = []
    while True:
        body = {
            "model": f"openai/hostile/{KEEPER}",
            "max_tokens": 4000,
            "thinking": {"type": "adaptive"},
            "tools": TOOLS,
            "messages": messages,
        }
        answer = start("messages").call({**read_event("messages-hello", key), "body": json.dumps(body)})
        if answer.status != 200:
            refused.append(answer.json()["error"]["message"])
            summary = "Some turns have been made: some have been."
            messages = [{"role": "user", "content": summary}]
            continue
        message = answer.json()
        messages.append({"role": "assistant", "content": message["content"]})
        if message["stop_reason"] == "end_turn":
            break
        assert message["content"][0]["type"] == "thinking"
        messages.append(results_of(message["content"]))
    assert [words.partition(":")[0] for words in refused] == ["prompt is too long"]
    assert message["content"][0]["text"] == "All turns are made."
    asked = [request["body"] for request in upstream.requests()]
    assert len(asked) == TURNS + 2  # one was too long, and one was the last
    blobs = [sum(item.get("type") == "reasoning" for item in body["input"]) for body in asked]
    assert blobs == [*range(TOO_LONG_AT + 1), *range(TURNS - TOO_LONG_AT + 1)]
