"""What callers say and what keys are is nowhere but where it belongs: not in a log, an error or a header."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.gateway.conftest import PROVIDER_KEY, Start
from tests.integration.gateway.functions import Answer, Function
from tests.integration.gateway.log_lines import BESIDE, own_fields
from tests.running import Upstream
from tests.unit.functions.functions import read_event

pytestmark = pytest.mark.failure_mode(50)

PLANTED = "planted-marshmallow"
UNKNOWN = "no-such-name"  # of a type or a tool: these alone are repeated, so that a typo can be seen
WRONG_KEY = "ew_planted-liquorice"
TOOL = {"name": "get_weather", "description": f"{PLANTED}-tool", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "toolu_planted", "name": "get_weather", "input": {"city": f"{PLANTED}-argument"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_planted", "content": f"{PLANTED}-result"}
PLAYS = [
    "plain", "tool", "reasoning-content", "finish-length", "limited", "quota", "unauthorized", "model-not-found",
    "server-error", "overloaded", "html-200", "html-502", "redirect", "hang-up", "cut", "cut-before-text",
    "eof-without-finish", "finish-unknown", "tool-broken-json", "not-json", "error-first", "error-after-text",
    "overflow-openai", "no-such-play",
]  # fmt: skip


def request(play: str, **changes: Any) -> dict[str, Any]:
    """A request that is full of what nobody else may read."""
    return {
        "model": "gpt-5",
        "max_tokens": 100,
        "system": f"{PLANTED}-system",
        "metadata": {"user_id": f"{PLANTED}-user"},
        "tools": [TOOL],
        "messages": [
            {"role": "user", "content": f"{PLANTED}-prompt"},
            {"role": "assistant", "content": [CALL]},
            {"role": "user", "content": [RESULT, {"type": "text", "text": f"[[play:{play}]]"}]},
        ],
        **changes,
    }


def events(key: str) -> Iterator[dict[str, Any]]:
    """Requests that are served, that fail and that are refused."""
    event = read_event("messages-hello", key)
    for play in PLAYS:
        for stream in (False, True):
            yield {**event, "body": json.dumps(request(play, stream=stream))}
    wrong: list[dict[str, Any]] = [
        request("plain", max_tokens=PLANTED),
        request("plain", messages=PLANTED),
        request("plain", messages=[{"role": PLANTED, "content": PLANTED}]),
        request("plain", messages=[{"role": "user", "content": [{"type": UNKNOWN, "text": PLANTED}]}]),
        request("plain", messages=[{"role": "user", "content": [{"type": "text", "text": [PLANTED]}]}]),
        request("plain", tools=[{"name": PLANTED, "input_schema": PLANTED}]),
        request("plain", tool_choice={"type": "tool", "name": UNKNOWN}, tools=[]),
        request("plain", thinking={"type": UNKNOWN, "budget_tokens": PLANTED}),
        request("plain", stop_sequences=PLANTED),
        request("plain", mcp_servers=[{"url": PLANTED}]),
    ]
    for body in (*map(json.dumps, wrong), PLANTED, f'{{"{PLANTED}": ', f'["{PLANTED}"]', f'{{"a": "{PLANTED}'):
        yield {**event, "body": body}
    deep = "[" * 900 + f'"{PLANTED}"' + "]" * 900
    block = '[{"role": "user", "content": [{"type": "mcp_tool_result", "content": ' + deep + "}]}]"
    yield {**event, "body": '{"model": "gpt-5", "max_tokens": 9, "messages": ' + block + "}"}
    yield {**read_event("messages-hello", WRONG_KEY), "body": json.dumps(request("plain"))}
    yield {**read_event("messages-stream", f"{WRONG_KEY} "), "body": json.dumps(request("plain"))}


@pytest.fixture(scope="module")
def served(start: Start, key: str, scripted: Upstream) -> Function:
    """The messages function after all of them, and the other functions' like."""
    function = start("messages")
    for event in events(key):
        function.call(event)
    for name, event_name in (("count_tokens", "count-tokens"), ("models", "models-retrieve")):
        other = start(name)
        for asked_key in (key, WRONG_KEY):
            event = {**read_event(event_name, asked_key), "body": json.dumps(request("plain"))}
            function.called.append(other.call(event))
            event["body"] = event["body"][:-1]
            event["pathParameters"] = {"model_id": "no-such-model"}
            function.called.append(other.call(event))
    return function


def test_no_function_prints_what_it_is_told(served: Function, start: Start, key: str) -> None:
    for name in ("messages", "count_tokens", "models"):
        printed = start(name).printed()
        assert [word for word in (PLANTED, "liquorice", key, PROVIDER_KEY) if word in printed] == []


def test_every_request_is_logged_by_a_line_that_can_be_read(served: Function) -> None:
    lines = [json.loads(line) for line in served.printed().splitlines()]
    summaries = [line for line in lines if line["message"] == "request"]
    beside = {line["message"]: own_fields(line) for line in lines if line["message"] != "request"}
    assert beside == BESIDE
    messages = [answer for answer in served.called if "x-edgeway-attempts" in answer.headers]
    assert [line["request_id"] for line in summaries] == [answer.headers["request-id"] for answer in messages]
    assert [line["status"] for line in summaries] == [answer.status for answer in messages]


def test_no_answer_gives_a_key_away(served: Function, key: str) -> None:
    """Nor the upstream's own words about one: scripts plant some in their errors."""
    told = json.dumps([[answer.body, dict(answer.headers)] for answer in served.called])
    assert [word for word in (key, PROVIDER_KEY, "liquorice", "sk-planted", "planted-detail") if word in told] == []


def refused(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status >= 400]


def test_no_refusal_repeats_what_was_asked(served: Function) -> None:
    answers = refused(served.called)
    assert len(answers) > 30
    assert [answer.body for answer in answers if PLANTED in answer.body] == []


def test_no_error_in_a_stream_repeats_what_was_asked(served: Function) -> None:
    ends = [
        answer.body[answer.body.index("event: error") :] for answer in served.called if "event: error" in answer.body
    ]
    assert len(ends) > 5
    assert [end for end in ends if PLANTED in end] == []


def test_upstreams_know_users_by_pseudonyms_only(start: Start, key: str, upstream: Upstream) -> None:
    event = read_event("messages-hello", key)
    event["headers"]["x-claude-code-session-id"] = f"{PLANTED}-session"
    start("messages").call({**event, "body": json.dumps(request("plain"))})
    (asked,) = upstream.requests()
    sent = json.dumps(asked)
    assert f"{PLANTED}-prompt" in sent
    assert [word for word in ("-user", "-session") if PLANTED + word in sent] == []
    assert asked["headers"]["authorization"] == f"Bearer {PROVIDER_KEY}"
    assert key not in sent
