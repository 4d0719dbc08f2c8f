"""Bedrock and Claude Platform on AWS with AWS credentials: `edgeway local`, a stand-in that checks signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from translator.stream.fold import Fold
from typer.testing import CliRunner

from edgeway.commands.doctor import app
from tests.laws import check, decode, text_of
from tests.running import Gateway, running_gateway
from tests.upstreams import bedrock
from tests.upstreams.running import BedrockStandIn, running_bedrock

HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[BedrockStandIn]:
    with running_bedrock() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(stand_in: BedrockStandIn) -> Iterator[Gateway]:
    with running_gateway(stand_in, **stand_in.environment()) as running:
        yield running


def ask(gateway: Gateway, model: str, prompt: str = "Hello", **more: Any) -> httpx.Response:
    body = {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": prompt}], **more}
    headers = {"x-api-key": gateway.key, "anthropic-version": "2023-06-01"}
    return httpx.post(f"{gateway.url}/v1/messages?beta=true", json=body, headers=headers, timeout=60)


@pytest.mark.parametrize(
    ("model", "expected", "path"),
    [
        ("claude-haiku-4-5-20251001", f"{HAIKU} at runtime", "/runtime/anthropic/v1/messages?beta=true"),
        (f"us.{HAIKU[3:]}", f"{HAIKU} at runtime", "/runtime/anthropic/v1/messages?beta=true"),
        (f"global.{HAIKU[3:]}", f"global.{HAIKU[3:]} at runtime", "/runtime/anthropic/v1/messages?beta=true"),
        ("claude-3-opus-20240229", "eu.anthropic.claude-opus-5 at runtime", "/runtime/anthropic/v1/messages?beta=true"),
        ("mantle/claude-haiku-4-5", "anthropic.claude-haiku-4-5 at mantle", "/mantle/anthropic/v1/messages?beta=true"),
        ("gpt-oss-20b", "openai.gpt-oss-20b-1:0 at runtime", "/runtime/openai/v1/chat/completions"),
        ("mantle/gpt-oss-20b", "openai.gpt-oss-20b at mantle", "/mantle/v1/chat/completions"),
        ("gpt-5.6-sol", "global.openai.gpt-5.6-sol at runtime", "/runtime/openai/v1/responses"),
        ("gpt-5.4", "openai.gpt-5.4 at mantle", "/mantle/openai/v1/responses"),
        (
            "nova-2-lite",
            "eu.amazon.nova-2-lite-v1:0 at runtime",
            "/runtime/model/eu.amazon.nova-2-lite-v1%3A0/converse-stream",
        ),
        (
            "us.meta.llama3-3-70b-instruct-v1:0",
            "eu.meta.llama3-3-70b-instruct-v1:0 at runtime",
            "/runtime/model/eu.meta.llama3-3-70b-instruct-v1%3A0/converse-stream",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_each_endpoint_is_asked_with_a_signature_for_an_id_that_it_takes(
    gateway: Gateway, stand_in: BedrockStandIn, model: str, expected: str, path: str, *, stream: bool
) -> None:
    answer = ask(gateway, model, stream=stream)
    assert answer.status_code == 200, answer.text
    if stream:
        events = decode(answer.content)
        if "anthropic" not in path:
            check(events)  # Claude's own are not ours to judge
        assert text_of(events) == expected
    else:
        assert answer.json()["content"][0]["text"] == expected
    asked = stand_in.asked()[-1]
    assert asked["path"] == path
    assert "x-api-key" not in asked["headers"]
    assert gateway.key not in json.dumps(asked)


def test_the_account_says_which_models_there_are(gateway: Gateway) -> None:
    listed = httpx.get(f"{gateway.url}/v1/models?limit=1000", headers={"x-api-key": gateway.key}, timeout=60).json()
    ids = [model["id"] for model in listed["data"] if model["id"].startswith("amazon-bedrock/")]
    offered = (*bedrock.PROFILES, *bedrock.RESPONSES, *bedrock.CONVERSE, *bedrock.MODELS[:3])
    assert sorted(ids) == sorted(f"amazon-bedrock/{each}" for each in offered)
    answer = ask(gateway, "claude-sonnet-9")
    assert answer.json()["content"][0]["text"] == "eu.anthropic.claude-sonnet-9-20270101-v1:0 at runtime"


def test_what_bedrock_does_not_know_yet_is_taken_out_and_told(gateway: Gateway, stand_in: BedrockStandIn) -> None:
    answer = ask(gateway, "claude-haiku-4-5", context_management={"edits": []})
    assert (answer.status_code, answer.headers["x-edgeway-dropped"]) == (200, "context_management")
    assert "context_management" not in stand_in.asked()[-1]["body"]


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        ({}, [], ["passed", "passed", "passed"]),
        ({"AWS_ENDPOINT_URL_BEDROCK": "http://127.0.0.1:9"}, [], ["passed", "noted", "passed"]),
        ({}, ["--model", "claude-next-9"], ["passed", "passed", "failed"]),
        ({"AWS_SECRET_ACCESS_KEY": "another"}, [], ["passed", "noted", "failed"]),
        ({"AWS_REGION": ""}, [], ["failed"]),
        ({"AWS_BEARER_TOKEN_BEDROCK": "key"}, [], ["passed", "passed"]),
        ({"AMAZON_BEDROCK_BASE_URL": "http://127.0.0.1:9/runtime/openai/v1"}, [], ["passed", "passed", "failed"]),
    ],
)
def test_the_doctor_examines_bedrock(
    stand_in: BedrockStandIn,
    changes: dict[str, str],
    options: list[str],
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if changes.get("AWS_BEARER_TOKEN_BEDROCK"):
        changes = {"AWS_BEARER_TOKEN_BEDROCK": bedrock.short_term_key()}
    environment = {**stand_in.environment(**changes), "AWS_CONFIG_FILE": "/nonexistent"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(app, ["--bedrock", "--json", *options])
    findings = json.loads(told.stdout)["findings"]
    assert [finding["verdict"] for finding in findings] == expected, findings
    assert told.exit_code == ("failed" in expected)
    assert all(finding["advice"] for finding in findings if finding["verdict"] == "failed")


LOOK = {"name": "look", "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}


@pytest.mark.parametrize(
    ("model", "operation"),
    [("nova-2-lite", "converse-stream"), ("llama3-3-70b-instruct", "converse")],
)
@pytest.mark.parametrize("stream", [False, True])
def test_converse_calls_tools_and_gets_their_results(
    gateway: Gateway, stand_in: BedrockStandIn, model: str, operation: str, *, stream: bool
) -> None:
    answer = ask(gateway, model, tools=[LOOK], stream=stream)
    assert answer.status_code == 200, answer.text
    if stream:
        events: Any = decode(answer.content)
        check(events)
        fold = Fold()
        fold.feed(events)
        message: Any = fold.message
    else:
        message = answer.json()
    assert (message["stop_reason"], message["content"][0]["input"]) == ("tool_use", {"a": 1})
    told = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": message["content"]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": message["content"][0]["id"], "content": "done"},
                {"type": "text", "text": "Go on."},
            ],
        },
    ]
    again = ask(gateway, model, tools=[LOOK], messages=told)
    assert again.status_code == 200, again.text
    assert again.json()["content"][0]["text"].endswith("at runtime")
    assert stand_in.asked()[-1]["path"].endswith(f"/{operation}")


def test_what_the_cache_of_converse_has_saved_is_counted(gateway: Gateway, stand_in: BedrockStandIn) -> None:
    answer = ask(gateway, "nova-2-lite", system=CACHED, thinking={"type": "adaptive"}, top_k=3)
    assert answer.json()["usage"]["cache_read_input_tokens"] == 90
    body = stand_in.asked()[-1]["body"]
    assert body["system"] == [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}]
    assert body["additionalModelRequestFields"]["reasoningConfig"] == {
        "type": "enabled",
        "maxReasoningEffort": "medium",
    }
    assert answer.headers["x-edgeway-dropped"] == "top_k"


@pytest.mark.parametrize("stream", [False, True])
def test_an_exception_within_converses_stream_is_told(gateway: Gateway, *, stream: bool) -> None:
    """It arrives together with what was said before: nothing of that has been sent on yet."""
    answer = ask(gateway, "nova-2-lite", "[[refuse:midstream]]", stream=stream)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (429, "rate_limit_error")
    assert "limits the requests or tokens of this account" in error["message"]


CACHED = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]


def test_the_prompt_cache_and_what_nobody_knows_yet_go_through(gateway: Gateway, stand_in: BedrockStandIn) -> None:
    answer = ask(gateway, "claude-haiku-4-5", system=CACHED, tomorrow={"a": 1})
    assert answer.json()["usage"]["cache_read_input_tokens"] == 90
    body = stand_in.asked()[-1]["body"]
    assert (body["model"], body["system"], body["tomorrow"]) == (HAIKU, CACHED, {"a": 1})


@pytest.mark.parametrize(
    ("prompt", "status", "kind", "says"),
    [
        ("[[refuse:expired]]", 500, "api_error", "the AWS credentials have expired. Log in again"),
        ("[[refuse:access]]", 500, "api_error", "this account has no access to"),
        (
            "[[refuse:denied]]",
            500,
            "api_error",
            "may not call bedrock:InvokeModel. On AWS, deploy with UseBedrock=true",
        ),
        ("[[refuse:throttled]]", 429, "rate_limit_error", "limits the requests or tokens of this account"),
    ],
)
@pytest.mark.parametrize("model", [f"bedrock/{HAIKU}", "bedrock/openai.gpt-oss-20b-1:0", "bedrock/nova-2-lite"])
def test_a_refusal_of_awss_says_what_to_do(
    gateway: Gateway, model: str, prompt: str, status: int, kind: str, says: str
) -> None:
    answer = ask(gateway, model, prompt)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (status, kind)
    assert says in error["message"]
    assert "123456789012" not in answer.text


def test_a_model_of_another_region_is_said_to_be_one(gateway: Gateway) -> None:
    answer = ask(gateway, "bedrock/claude-next-9")
    assert answer.status_code == 404
    assert "has no model eu.anthropic.claude-next-9: it may be of another Region" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "another"}, "does not take the AWS credentials"),
        ({"AWS_REGION": "us-east-1"}, "may not call this model"),
    ],
)
def test_a_wrong_signature_is_refused_by_the_stand_in(
    stand_in: BedrockStandIn, changes: dict[str, str], says: str
) -> None:
    with running_gateway(stand_in, **stand_in.environment(**changes)) as running:
        answer = ask(running, "bedrock/claude-haiku-4-5")
    assert answer.status_code == 500
    assert says in answer.json()["error"]["message"]


def test_a_short_term_key_stands_in_for_credentials(stand_in: BedrockStandIn) -> None:
    nothing = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "EDGEWAY_BEDROCK"), "")
    with running_gateway(
        stand_in, **stand_in.environment(**nothing, AWS_BEARER_TOKEN_BEDROCK=bedrock.short_term_key())
    ) as running:
        assert ask(running, "claude-haiku-4-5").json()["content"][0]["text"] == f"{HAIKU} at runtime"
        assert ask(running, "gpt-oss-20b").status_code == 200


def test_claude_platform_gets_its_workspace_from_the_operator(stand_in: BedrockStandIn) -> None:
    environment = stand_in.environment(
        EDGEWAY_BEDROCK="",
        EDGEWAY_CLAUDE_PLATFORM="true",
        ANTHROPIC_AWS_WORKSPACE_ID=bedrock.WORKSPACE,
        CLAUDE_PLATFORM_AWS_BASE_URL=f"{stand_in.url}/platform/v1",
        AMAZON_BEDROCK_BASE_URL="",
        BEDROCK_MANTLE_BASE_URL="",
    )
    with running_gateway(stand_in, **environment) as running:
        answer = ask(running, "claude-haiku-4-5")
    assert answer.json()["content"][0]["text"] == "claude-haiku-4-5 at platform"
