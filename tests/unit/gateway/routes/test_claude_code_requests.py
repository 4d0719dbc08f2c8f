"""The requests of the real Claude Code through the whole function: lawful answers, clean upstream bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.laws.chat_requests import check_chat_request, keys_of
from tests.loop import run
from tests.unit.gateway.fakes import END, ROLE, FakeAnswer, Harness, chunk, receive, said

REQUESTS = Path(__file__).parents[3] / "vectors" / "claude_code"
ASKING = sorted(path.stem for path in REQUESTS.iterdir() if path.stem not in ("count-tokens", "web-search"))
HEADERS = {
    "authorization": "Bearer ew_planted",
    "x-api-key": "ew_planted",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "claude-code-20250219,dangerous-tool-use-2026-09-03,context-1m-2025-08-07",
    "user-agent": "claude-cli/2.1.330 (external, cli)",
    "x-app": "cli",
    "x-claude-code-session-id": "00000000-0000-4000-8000-000000000000",
}
SAFEGUARDS = [{"type": "dangerous_tool_use", "classifier_context": {"cwd": "/home/me/planted"}}]
CALL = {"index": 0, "id": "call_a", "function": {"name": "Bash", "arguments": '{"command": "ls"}'}}


def load(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    return body


def event(body: dict[str, Any]) -> dict[str, Any]:
    """As Claude Code sends it: with `?beta=true`, and all its headers."""
    return {
        "httpMethod": "POST",
        "path": "/v1/messages",
        "headers": HEADERS,
        "queryStringParameters": {"beta": "true"},
        "body": json.dumps(body),
        "requestContext": {"requestId": "1-2", "authorizer": {"keyId": "key_1", "keyName": "alice"}},
    }


def thinking_and_calling() -> FakeAnswer:
    return FakeAnswer(
        [[ROLE, chunk({"reasoning_content": "Hm."}), said("Looking."), chunk({"tool_calls": [CALL]})], END]
    )


@pytest.mark.failure_mode(5)
@pytest.mark.failure_mode(16)
@pytest.mark.failure_mode(39)
@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("name", ASKING)
def test_what_claude_code_asks_is_answered(name: str, streamed: bool) -> None:
    harness = Harness([thinking_and_calling()])
    asked = {key: value for key, value in load(name).items() if key != "stream"}
    # After a stream that broke it asks again with no `stream` at all.
    body = {**asked, "safeguards": SAFEGUARDS, **({"stream": True} if streamed else {})}
    answer = receive(run(harness.function.handle(event(body), seconds_left=900)))
    assert answer.status == 200
    assert answer.headers["x-edgeway-dropped"].split(",")[-1] == "safeguards"
    if streamed:
        assert answer.types()[-2:] == ["message_delta", "message_stop"]
    else:
        assert [block["type"] for block in answer.json()["content"]] == ["thinking", "text", "tool_use"]
        assert answer.json()["model"] == body["model"]
        assert answer.json()["stop_reason"] == "tool_use"
    (call,) = harness.upstream.calls
    check_chat_request(call.body)
    sent = json.dumps([call.body, dict(call.headers)])
    for secret in ("planted", "x-anthropic-billing-header", "0" * 64, "device_id", "claude-code-2025"):
        assert secret not in sent
    assert not {"safeguards", "cache_control", "metadata", "context_management", "betas"} & set(keys_of(call.body))


@pytest.mark.failure_mode(29)
def test_its_web_search_is_answered_with_the_error_that_it_shows() -> None:
    harness = Harness([])
    answer = receive(run(harness.function.handle(event(load("web-search")), seconds_left=900)))
    started = [each["content_block"] for each in answer.events() if each["type"] == "content_block_start"]
    assert [block["type"] for block in started] == ["server_tool_use", "web_search_tool_result", "text"]
    assert started[1]["content"] == {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    assert harness.upstream.calls == []
