"""Requests that are none, and texts of the caller's that go into no header."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.loop import run
from tests.unit.gateway.fakes import Harness, fine, receive

VISIBLE = re.compile(r"[\x20-\x7e]*")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The request body is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        ("planted", "The request body is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"planted"}', "The request body is not valid JSON: Expecting ':' delimiter: line 1 column 11 (char 10)"),
        (
            '{"planted": 1,\n"b": "planted}',
            ("The request body is not valid JSON: Unterminated string starting at: line 2 column 6 (char 20)"),
        ),
        ('{"planted": NaN}', "The request body is not valid JSON."),
        ('{"planted": -1e999}', "The request body is not valid JSON."),
        ('{"planted": -Infinity}', "The request body is not valid JSON."),
        ('{"planted": ' + "1" * 5000 + "}", "The request body is not valid JSON."),
        ("[]", "The request body must be a JSON object."),
        ('"planted"', "The request body must be a JSON object."),
        ("null", "The request body must be a JSON object."),
        ("[" * 100_000, "The request body is nested too deeply."),
        ("{}", "model: Field required"),
    ],
)
def test_a_body_that_is_no_request(body: str, message: str) -> None:
    harness = Harness([])
    answer = harness.ask(raw_body=body)
    assert (answer.status, answer.json()["error"]) == (400, {"type": "invalid_request_error", "message": message})
    assert "planted" not in str(harness.lines)


def nested(depth: int) -> str:
    return '{"a": ' * depth + "{}" + "}" * depth


# Every place of a request that may hold whatever the caller likes.
USER = '"messages": [{"role": "user", "content": "x"}]'
CALL = '{"type": "tool_use", "id": "1", "name": "t", "input": %s}'
BLOCK = '{"type": "mcp_tool_result", "tool_use_id": "1", "content": %s}'
DEEP = {
    "schema": USER + ', "tools": [{"name": "deep", "input_schema": %s}]',
    "call": '"messages": [{"role": "assistant", "content": [' + CALL + "]}]",
    "block": '"messages": [{"role": "user", "content": [' + BLOCK + "]}]",
    "unknown": USER + ', "unknown": %s',
}


@pytest.mark.parametrize("place", DEEP)
def test_what_is_nested_is_served_or_refused(place: str) -> None:
    outcomes = []
    for depth in (10, *range(100, 1100, 20), 100_000):
        body = '{"model": "m", "max_tokens": 9, ' + DEEP[place].replace("%s", nested(depth)) + "}"
        answer = Harness([fine()]).ask(raw_body=body)
        outcomes.append((answer.status, answer.json().get("error", {}).get("message")))
    served, refused = (200, None), (400, "The request body is nested too deeply.")
    assert set(outcomes) == {served, refused}
    assert outcomes == sorted(outcomes)


def test_a_base64_body_that_is_none() -> None:
    event = {"isBase64Encoded": True, "body": "!", "requestContext": {"authorizer": {"keyId": "key_1"}}}
    answer = receive(run(Harness([]).function.handle(event, seconds_left=900)))
    assert (answer.status, answer.json()["error"]["message"]) == (
        400,
        "The request body is not valid JSON: Expecting value: line 1 column 1 (char 0)",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_base64_body(encoding: str) -> None:
    request = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "naïve 👩‍🚀"}]}
    body = base64.b64encode(json.dumps(request, ensure_ascii=False).encode(encoding)).decode()
    event = {"isBase64Encoded": True, "body": body, "requestContext": {"authorizer": {"keyId": "key_1"}}}
    harness = Harness([fine()])
    assert receive(run(harness.function.handle(event, seconds_left=900))).status == 200
    assert harness.upstream.calls[0].body["messages"][0]["content"] == "naïve 👩‍🚀"


def test_a_request_without_a_key_is_refused_and_logged() -> None:
    harness = Harness([])
    answer = receive(run(harness.function.handle({"body": "{}"}, seconds_left=900)))
    assert (answer.status, answer.headers["x-should-retry"]) == (401, "false")
    (summary,) = harness.summaries()
    assert (summary["status"], summary["error_type"], summary["key_id"]) == (401, "authentication_error", None)


@pytest.mark.parametrize("text", ["gpt\r\nx-evil: 1", "模型", "a\x00b", "\ud83d", "x" * 5000, "e\u0301\u2028"])
def test_no_text_of_the_callers_breaks_a_header(text: str) -> None:
    harness = Harness([fine(), fine()], model=text)
    tools = [{"type": f"web_search_{text}", "name": f"tool {text}"}, {"type": text, "name": text}]
    for stream in (False, True):
        answer = harness.ask(model=text, tools=tools, stream=stream, speed=text, inference_geo=text)
        assert answer.status in (200, 400)  # half a character is none
        for name, value in answer.headers.items():
            assert VISIBLE.fullmatch(name + value), (name, value)
            assert len(value) <= 600
        assert set(answer.headers) <= {
            "content-type", "cache-control", "x-accel-buffering", "request-id", "server-timing",
            "x-edgeway-cache", "x-edgeway-attempts", "x-edgeway-model", "x-edgeway-dropped",
        }  # fmt: skip
