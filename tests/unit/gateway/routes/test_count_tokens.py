"""POST /v1/messages/count_tokens: an estimate that is too high rather than too low, without an upstream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.aws.signing import SigningScope
from gateway.routes.count_tokens import MOST_A_SECOND, CountTokensFunction
from gateway.routing.resolve import Candidate
from gateway.web.proxy_event import answering, read_event
from translator.anthropic.errors import ApiError, upstream_failure

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import FakeAnswer, FakeUpstream, Outcome, candidate

pytestmark = pytest.mark.failure_mode(28)

CALLS: dict[int, FakeUpstream] = {}
"""The upstream of each function."""
HELLO = {"role": "user", "content": "Hello"}


def counting_function(
    upstream: Sequence[Outcome], *candidates: Candidate, clock: Clock | None = None
) -> CountTokensFunction:
    """Over an upstream that plays these answers; without candidates nobody serves any model."""
    fake = FakeUpstream(upstream)

    async def route(_model: str, _key: KeyRecord) -> Sequence[Candidate]:
        if not candidates:
            raise ApiError("not_found_error", "unknown")
        return candidates

    function = CountTokensFunction(
        admission=Admission(authenticator=None), route=route, open_upstream=lambda: fake, monotonic=clock or Clock()
    )
    CALLS[id(function)] = fake
    return function


def count(**request: Any) -> tuple[int, dict[str, Any]]:
    return send(json.dumps({"model": "gpt-5", "messages": [HELLO], **request}))


def send(
    body: str, authorizer: dict[str, str] | None = None, function: CountTokensFunction | None = None, **event: object
) -> tuple[int, dict[str, Any]]:
    context = {"requestId": "1-2", "authorizer": {"keyId": "key_1"} if authorizer is None else authorizer}
    lines: list[object] = []
    answer = run(
        answering(
            read_event({"body": body, "requestContext": context, **event}),
            (function or counting_function([])).handle,
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
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "Hello"},
                        {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": tool}},
                    ],
                }
            ]
        },
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


CLAUDE = candidate("anthropic", "claude-opus-5", is_native=True)
BODY = '{ "model": "claude", "messages": [ {"role": "user", "content": "Hello"} ], "max_tokens" : 1 }'
COUNTED = '{"input_tokens" : 4711, "tomorrow": null}'


def test_claude_counts_for_itself() -> None:
    function = counting_function([FakeAnswer([[COUNTED]], headers={"request-id": "req_claude"})], CLAUDE)
    headers = {"anthropic-beta": "b", "x-api-key": "ew_a", "cookie": "c"}
    answer = send(BODY, function=function, headers=headers, queryStringParameters={"beta": "true"})
    assert answer == (200, json.loads(COUNTED))
    (call,) = CALLS[id(function)].calls
    assert call.url == "https://anthropic.example.com/v1/messages/count_tokens?beta=true"
    assert call.raw.decode() == BODY.replace('"claude"', '"claude-opus-5"')
    assert call.headers == {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "b",
        "x-api-key": "key-of-anthropic",
    }


def test_what_claude_refuses_is_refused() -> None:
    refusal = b'{"type": "error", "error": {"type": "invalid_request_error", "message": "messages: oh"}}'
    function = counting_function([FakeAnswer([], 400, body=refusal)], CLAUDE)
    assert send(BODY, function=function) == (400, json.loads(refusal))


@pytest.mark.parametrize(
    "answer",
    [
        upstream_failure("gone"),
        FakeAnswer([], 429, body=b"{}"),
        FakeAnswer([], 401, body=b"{}"),
        FakeAnswer([["<html>"]]),
        FakeAnswer([["[]"]]),
        FakeAnswer([['{"input_tokens": "many"}']]),
        FakeAnswer([upstream_failure("cut")]),
    ],
)
def test_where_claude_cannot_be_asked_it_is_counted_here(answer: Outcome) -> None:
    status, counted = send(BODY, function=counting_function([answer], CLAUDE))
    assert (status, counted) == (200, {"input_tokens": tokens(model="claude", messages=[HELLO])})


OF_CLAUDE: dict[str, Any] = {
    "compaction": {"type": "summarize"},
    "mcp_servers": [{"type": "url", "url": "https://m.test", "name": "m"}],
}


SIGNED = replace(CLAUDE, provider=replace(CLAUDE.provider, signing=SigningScope("bedrock", "eu-central-1", None)))


@pytest.mark.parametrize("field", OF_CLAUDE)
@pytest.mark.parametrize(("asked", "is_taken"), [(CLAUDE, True), (SIGNED, True), (candidate("one", "gpt-5"), False)])
def test_what_only_claude_honours_is_no_mistake_where_the_message_goes_there(
    field: str, asked: Candidate, is_taken: bool
) -> None:
    body = json.dumps({"model": "any", "messages": [HELLO], field: OF_CLAUDE[field]})
    status, answer = send(body, function=counting_function([upstream_failure("gone")], asked))
    assert (status == 200, "input_tokens" in answer) == (is_taken, is_taken)


def test_a_key_asks_claude_for_a_few_counts_a_second() -> None:
    clock = Clock(1000.0)
    function = counting_function([FakeAnswer([[COUNTED]]) for _ in range(20)], CLAUDE, clock=clock)
    asked = CALLS[id(function)].calls
    for _ in range(25):
        assert send(BODY, function=function)[0] == 200
    assert len(asked) == MOST_A_SECOND
    send(BODY, {"keyId": "key_2"}, function=function)
    assert len(asked) == MOST_A_SECOND + 1
    clock.now += 1.0
    send(BODY, function=function)
    assert len(asked) == MOST_A_SECOND + 2


@pytest.mark.parametrize(
    "other", [candidate("one", "claude-opus-5"), candidate("one", "deepseek-chat", is_native=True)]
)
def test_nobody_else_is_asked(other: Candidate) -> None:
    function = counting_function([], other)
    assert send(BODY, function=function)[0] == 200
    assert CALLS[id(function)].calls == []


def test_the_memory_of_who_has_asked_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.routes.count_tokens._MOST_KEYS", 1)
    function = counting_function([FakeAnswer([[COUNTED]]) for _ in range(3)], CLAUDE)
    for key in ("key_1", "key_2", "key_1"):
        send(BODY, {"keyId": key}, function=function)
    assert len(CALLS[id(function)].calls) == 3
