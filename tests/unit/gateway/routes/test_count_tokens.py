"""POST /v1/messages/count_tokens: an estimate that is too high rather than too low, without an upstream."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.access.admission import Admission
from gateway.routes.count_tokens import count_tokens
from gateway.web.proxy_event import answering, read_event

from tests.loop import run
from tests.unit.gateway.clocks import Clock

pytestmark = pytest.mark.failure_mode(28)

HELLO = {"role": "user", "content": "Hello"}


def count(**request: Any) -> tuple[int, dict[str, Any]]:
    return send(json.dumps({"model": "gpt-5", "messages": [HELLO], **request}))


def send(body: str, authorizer: dict[str, str] | None = None, **event: object) -> tuple[int, dict[str, Any]]:
    context = {"requestId": "1-2", "authorizer": {"keyId": "key_1"} if authorizer is None else authorizer}
    lines: list[object] = []
    answer = run(
        answering(
            read_event({"body": body, "requestContext": context, **event}),
            lambda http: count_tokens(http, Admission(authenticator=None)),
            monotonic=Clock(),
            log=lambda *line: lines.append(line),
        )
    )
    assert lines == []
    assert (answer["headers"]["request-id"], answer["headers"]["server-timing"]) == ("req_12", "edgeway;dur=0.0")
    return answer["statusCode"], json.loads(answer["body"])


def tokens(**request: Any) -> int:
    status, answer = count(**request)
    assert (status, list(answer)) == (200, ["input_tokens"])
    counted: int = answer["input_tokens"]
    return counted


def test_there_is_always_something_to_count() -> None:
    assert tokens(messages=[{"role": "user", "content": ""}]) > 0


def test_more_is_more() -> None:
    tool = {"name": "get_weather", "description": "The weather.", "input_schema": {"type": "object"}}
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}}
    least = tokens()
    for more in (
        {"messages": [HELLO, {"role": "assistant", "content": "Hi"}, HELLO]},
        {"system": "You are a pirate."},
        {"system": [{"type": "text", "text": "You are a pirate."}]},
        {"tools": [tool]},
        {"tools": [{"type": "bash_20250124", "name": "bash"}]},
        {"messages": [{"role": "user", "content": [image]}]},
    ):
        assert tokens(**more) > least


def test_text_counts_as_in_openais_vocabulary() -> None:
    """`Hello, how are you?` is six tokens of o200k_base, a message five more."""
    assert tokens(model="gpt-5", messages=[{"role": "user", "content": "Hello, how are you?"}]) == 11
    assert tokens(model="gpt-5", messages=[{"role": "user", "content": "日本語" * 500}]) == 1005


@pytest.mark.parametrize(
    "event", [{"queryStringParameters": {"beta": "true"}}, {"headers": {"anthropic-beta": "token-counting-2024-11-01"}}]
)
def test_beta_says_too_that_no_context_was_edited(event: dict[str, Any]) -> None:
    body = json.dumps({"model": "gpt-5", "messages": [HELLO]})
    assert send(body, **event) == (200, {"input_tokens": tokens(), "context_management": None})


def test_what_messages_takes_is_no_mistake_here() -> None:
    assert tokens(max_tokens=5, stream=True, thinking={"type": "adaptive"}, betas=["x"], unknown={"a": 1}) > 0


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ({"messages": []}, "messages"),
        ({"model": None}, "model"),
        ({"messages": [{"role": "user", "content": [{"type": "texd"}]}]}, "messages.0.content.0"),
        # What POST /v1/messages refuses cannot be counted either.
        ({"thinking": {"type": "deep"}}, "thinking"),
        ({"tool_choice": {"type": "any"}}, "tool_choice.any"),
        ({"output_config": {"effort": "huge"}}, "output_config.effort"),
        ({"context_management": []}, "context_management"),
        ({"mcp_servers": [{"type": "url", "url": "https://m.test", "name": "m"}]}, "mcp_servers"),
        ({"compaction": {"type": "summarize"}}, "compaction"),
    ],
)
def test_a_mistake_is_named(request_: dict[str, Any], named: str) -> None:
    status, answer = count(**request_)
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert answer["error"]["message"].startswith(named)


@pytest.mark.parametrize("body", ["", "planted", "[]", "[" * 100_000, '{"a": NaN}'])
def test_a_body_that_is_none(body: str) -> None:
    status, answer = send(body)
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert "planted" not in str(answer)


def test_what_is_nested_is_counted_or_refused() -> None:
    for depth in (*range(50, 1100, 50), 100_000):
        block = '{"type": "mcp_tool_result", "content": ' + "[" * depth + "]" * depth + "}"
        status, _ = send('{"model": "m", "messages": [{"role": "user", "content": [' + block + "]}]}")
        assert status in (200, 400)


def test_it_needs_a_key() -> None:
    status, answer = send("{}", authorizer={})
    assert (status, answer["error"]["type"]) == (401, "authentication_error")
