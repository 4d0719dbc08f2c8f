"""The functions as `edgeway local` builds them, called with the events of API Gateway."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.gateway.conftest import PROVIDER_KEY, Start
from tests.laws import check, decode, text_of, tool_calls_of
from tests.loop import run
from tests.running import Upstream
from tests.unit.functions.functions import read_event


def playing(event: dict[str, Any], play: str) -> dict[str, Any]:
    """The event, whose request makes the upstream play a script."""
    request = json.loads(event["body"])
    request["messages"] = [{"role": "user", "content": f"[[play:{play}]]"}]
    return {**event, "body": json.dumps(request)}


def test_hello(start: Start, key: str, upstream: Upstream) -> None:
    answer = start("messages").call(playing(read_event("messages-hello", key), "plain"))
    assert (answer.status, answer.headers["x-edgeway-model"]) == (200, "openai/gpt-5")
    assert [block["text"] for block in answer.json()["content"]] == ["Hello from the upstream"]
    (asked,) = upstream.requests()
    assert asked["headers"]["authorization"] == f"Bearer {PROVIDER_KEY}"
    assert asked["body"]["model"] == "gpt-5"


@pytest.mark.parametrize("name", ["messages-hello", "messages-stream", "messages-tool", "messages-base64"])
def test_every_event_of_messages_is_served(name: str, start: Start, key: str, upstream: Upstream) -> None:
    answer = start("messages").call(read_event(name, key))
    assert answer.status == 200
    assert answer.headers["request-id"].startswith("req_")
    assert len(upstream.requests()) == 1
    sent = json.dumps(upstream.requests())
    assert key not in sent
    assert not [header for header in upstream.requests()[0]["headers"] if header.startswith(("x-", "anthropic"))]


def test_a_stream(start: Start, key: str, upstream: Upstream) -> None:
    answer = start("messages").call(playing(read_event("messages-stream", key), "plain"))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = decode(answer.body.encode())
    check(events)
    assert text_of(events) == "Hello from the upstream"
    assert [stream["ended"] for stream in upstream.streams()] == ["finished"]


def test_a_tool_is_called(start: Start, key: str, upstream: Upstream) -> None:
    event = playing(read_event("messages-tool", key), "tool")
    event["body"] = json.dumps({**json.loads(event["body"]), "stream": True})
    events = decode(start("messages").call(event).body.encode())
    check(events)
    assert tool_calls_of(events) == [("get_weather", '{"city": "London"}')]


@pytest.mark.parametrize("name", ["messages", "count_tokens", "models"])
def test_who_has_no_key_is_refused_whatever_the_event_says_of_them(name: str, start: Start, upstream: Upstream) -> None:
    """The events carry an authorizer's context, as API Gateway writes it: here anybody can have."""
    event = {"messages": "messages-hello", "count_tokens": "count-tokens", "models": "models-list"}[name]
    for key in ("", "unknown-key", "ew_" + "0" * 49):
        answer = start(name).call(read_event(event, key))
        assert (answer.status, answer.json()["error"]["type"]) == (401, "authentication_error")
        assert answer.headers["x-should-retry"] == "false"
    assert upstream.requests() == []


def test_tokens_are_counted(start: Start, key: str, upstream: Upstream) -> None:
    answer = start("count_tokens").call(read_event("count-tokens", key))
    # Claude Code's event, which asks beta's half of the API.
    assert (answer.status, list(answer.json())) == (200, ["input_tokens", "context_management"])
    assert upstream.requests() == []


def test_models_are_listed_and_told(start: Start, key: str) -> None:
    page = start("models").call(read_event("models-list", key)).json()
    assert {model["id"].removeprefix("anthropic/").partition("/")[0] for model in page["data"]} == {"openai"}
    model = start("models").call(read_event("models-retrieve", key))
    assert (model.status, model.json()["id"]) == (200, "openai/gpt-5")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_needs_no_key(method: str, start: Start) -> None:
    answer = start("health").call({**read_event("health", ""), "httpMethod": method})
    assert (answer.status, bool(answer.body)) == (200, method == "GET")


def test_a_revoked_key_is_refused_by_a_function_that_has_not_seen_it(start: Start, registry: Any) -> None:
    key, record = run(registry.create("bob"))
    run(registry.revoke(record.id))
    assert start("models").call(read_event("models-list", key)).status == 401
