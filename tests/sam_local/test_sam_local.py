"""`sam local`: the functions as they are built, in containers, behind SAM's own API Gateway.

SAM emulates neither gateway responses (a refusal is its own 403), usage plans, throttling, nor streaming: an answer
that is a stream arrives whole. The local server (`edgeway local`) is the one that streams.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.clients import claude_code
from tests.laws import check, decode
from tests.running import ROOT, Gateway, Upstream
from tests.sam_local.gateway import Surroundings, invoke
from tests.template.routes import OPEN, STREAMED, WHOLE

pytestmark = [pytest.mark.sam_local, pytest.mark.timeout(300)]

HELLO = {"model": "gpt-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = [{"type": "text", "text": "Hello from the upstream", "citations": None}]
WEATHER = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(gateway: Gateway, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()} or {"x-api-key": gateway.key}
    with closing(HTTPConnection(gateway.url.removeprefix("http://"))) as connection:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"content-type": "application/json", **named})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.mark.parametrize("header", ["x-api-key", "authorization"])
def test_either_header_lets_a_key_in(gateway: Gateway, upstream: Upstream, header: str) -> None:
    value = gateway.key if header == "x-api-key" else f"Bearer {gateway.key}"
    answer = ask(gateway, "POST", "/v1/messages", HELLO, **{header: value})
    assert (answer.status, answer.json["content"], answer.json["stop_reason"]) == (200, ANSWER, "end_turn")
    assert answer.headers["x-edgeway-model"] == "openai/gpt-5"
    (asked,) = upstream.requests()
    assert asked["headers"]["authorization"] == f"Bearer {gateway.upstream_key}"


@pytest.mark.parametrize(
    "headers", [{"x-api-key": "a-wrong-key"}, {"authorization": "Bearer a-wrong-key"}, {"accept": "*/*"}]
)
def test_no_other_key_gets_in(gateway: Gateway, upstream: Upstream, headers: dict[str, str]) -> None:
    """SAM knows no gateway responses: on AWS this is a 401 in Anthropic's shape (tests/template)."""
    assert ask(gateway, "POST", "/v1/messages", HELLO, **headers).status == 403
    assert upstream.requests() == []


def test_a_stream_arrives_whole_and_lawful(gateway: Gateway, upstream: Upstream) -> None:
    answer = ask(gateway, "POST", "/v1/messages?beta=true", {**HELLO, "stream": True})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    events = decode(answer.body)
    check(events)
    text = "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta")
    assert text == "Hello from the upstream"
    assert upstream.requests()[0]["body"]["stream"] is True


def test_a_tool_is_called_and_its_result_taken(gateway: Gateway, upstream: Upstream) -> None:
    turn = {"role": "user", "content": "How is the weather in London? [[play:tool]]"}
    first = ask(gateway, "POST", "/v1/messages", {**HELLO, "tools": [WEATHER], "messages": [turn]})
    called = first.json["content"][-1]
    assert (called["name"], called["input"], first.json["stop_reason"]) == (
        "get_weather",
        {"city": "London"},
        "tool_use",
    )
    result = {"type": "tool_result", "tool_use_id": called["id"], "content": "Rain [[play:plain]]"}
    turns = [turn, {"role": "assistant", "content": first.json["content"]}, {"role": "user", "content": [result]}]
    second = ask(gateway, "POST", "/v1/messages", {**HELLO, "tools": [WEATHER], "messages": turns})
    assert second.status == 200
    told = [message for message in upstream.requests()[-1]["body"]["messages"] if message["role"] == "tool"]
    assert told == [{"role": "tool", "tool_call_id": "call_a", "content": "Rain [[play:plain]]"}]


def test_a_refusal_of_the_function_keeps_its_shape(gateway: Gateway, upstream: Upstream) -> None:
    answer = ask(gateway, "POST", "/v1/messages", {**HELLO, "max_tokens": -1})
    assert (answer.status, answer.json["type"], answer.json["error"]["type"]) == (400, "error", "invalid_request_error")
    assert (answer.headers["request-id"], upstream.requests()) == (answer.json["request_id"], [])


def test_tokens_are_counted(gateway: Gateway, upstream: Upstream) -> None:
    answer = ask(gateway, "POST", "/v1/messages/count_tokens", {"model": "gpt-5", "messages": HELLO["messages"]})
    assert (answer.status, list(answer.json), upstream.requests()) == (200, ["input_tokens"], [])
    assert answer.json["input_tokens"] > 0


def test_models_are_listed_and_found(gateway: Gateway) -> None:
    """At an address of the operator's own the function asks nobody what is there, and says what edgeway.toml says."""
    assert ask(gateway, "GET", "/v1/models?limit=1000").json["data"] == []
    found = ask(gateway, "GET", "/v1/models/openai/gpt-5")
    assert (found.status, found.json["type"]) == (200, "model")


def test_the_health_of_the_gateway_needs_no_key(gateway: Gateway) -> None:
    for path in ("/", "/api/hello"):
        assert ask(gateway, "GET", path, accept="*/*").status == 200


@pytest.mark.parametrize("variable", ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"])
def test_claude_code_works_with_tools(gateway: Gateway, upstream: Upstream, tmp_path: Path, variable: str) -> None:
    file = tmp_path / "work" / "note.txt"
    prompt = f"Write the note. [[play:write-then-echo]] [[file:{file}]]"
    ran = claude_code.run(gateway, prompt, tmp_path, credentials={variable: gateway.key})
    assert (ran.status, ran.result["result"]) == (0, f"All done: {upstream.nonce()}")
    assert file.read_text() == f"the nonce is {upstream.nonce()}\n"


CONTENT_TYPES = {"messages-stream": "text/event-stream; charset=utf-8"}
"""Of the one event that asks for it; all others are answered in JSON."""
EVENTS = sorted((ROOT / "events").iterdir())
FUNCTIONS = {(method.upper(), path): function for (method, path), function in {**STREAMED, **WHOLE, **OPEN}.items()}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.stem)
def test_sam_local_invoke_answers_every_event(surroundings: Surroundings, upstream: Upstream, event: Path) -> None:
    sent = json.loads(event.read_text())
    is_authorizer = sent.get("type") == "REQUEST"
    function = "AuthorizerFunction" if is_authorizer else FUNCTIONS[sent["httpMethod"], sent["resource"]]
    invoked = invoke(function, event, surroundings)
    assert invoked.returncode == 0, invoked.stderr
    answer = json.loads(invoked.stdout)
    if is_authorizer:  # the examples' keys are none, so they are refused by name
        assert [statement["Effect"] for statement in answer["policyDocument"]["Statement"]] == ["Deny"]
        assert answer["context"]["type"] == "authentication_error"
    else:
        assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False), answer["body"]
        assert answer["headers"]["content-type"] == CONTENT_TYPES.get(event.stem, "application/json")
