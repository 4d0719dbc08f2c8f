"""Every kind of answer against Anthropic's own description of its API, as the package llm-comply carries it."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from anthropic.types import ModelInfo
from anthropic.types.beta import BetaModelCapabilities, BetaModelInfo
from gateway.access.key_records import KeyRegistry
from jsonschema import Draft202012Validator

from tests.integration.gateway.conftest import Start
from tests.laws import check, decode
from tests.loop import run
from tests.running import Upstream
from tests.unit.functions.functions import read_event

EVENTS = {
    "message_start": "MessageStartEvent",
    "content_block_start": "ContentBlockStartEvent",
    "content_block_delta": "ContentBlockDeltaEvent",
    "content_block_stop": "ContentBlockStopEvent",
    "message_delta": "MessageDeltaEvent",
    "message_stop": "MessageStopEvent",
}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
TOOLS = [{"name": name, "input_schema": {"type": "object"}} for name in ("get_weather", "get_time")]

# play: what differs in the request
PLAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "unicode": {},
    "tool": {},
    "tools-parallel": {},
    "tool-empty-arguments": {},
    "tool-truncated": {},
    "reasoning-content": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "reasoning": {"thinking": {"type": "adaptive", "display": "omitted"}},
    "all-in-one-chunk": {},
    "usage-none": {},
    "finish-length": {},
    "finish-content-filter": {},
    "cut-short": {},
    "flagged": {},
    "picky-store": {},
    "plain#stopped": {"stop_sequences": ["from"]},
    "plain#unasked": {"max_tokens": 0},
    "plain#probe": {"max_tokens": 1},
    "plain#json": {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
    "plain#beta": {"tools": [*TOOLS, {"type": "web_fetch_20991231", "name": "web_fetch"}], "speed": "fast"},
    "web-search": {"tools": [SEARCH]},
    "web-search#forced": {"tools": [*TOOLS, SEARCH], "tool_choice": {"type": "tool", "name": "web_search"}},
    "reasoning-details": {"thinking": {"type": "adaptive"}},
    "usage-every-chunk": {},
    "eof-without-done": {},
    "tool-finish-stop": {},
    "tools-interleaved": {},
    "sources": {},
}

# play: the status
FAILURES = {
    "limited": 429,
    "quota": 500,
    "model-not-found": 404,
    "server-error": 500,
    "overloaded": 529,
    "hang-up": 500,
    "overflow-openai": 400,
    "no-such-play": 400,
    "unauthorized": 500,
    "html-502": 500,
    "conflict": 409,
    "too-large": 413,
    "timed-out": 504,
}

BETA = {"beta": "true"}
"""The description's own word for beta's half, where it asks for more fields."""

NOT_DESCRIBED = ("conflict_error", "request_too_large")
"""Documented all the same: https://docs.claude.com/en/api/errors."""


@cache
def schemas() -> Mapping[str, Any]:
    text = (importlib.resources.files("llm_comply") / "specs/anthropic.json").read_text()
    components: Mapping[str, Any] = json.loads(text)["components"]
    return components


def mistakes(schema: str, value: object) -> list[str]:
    """What the description says against the value."""
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": schemas()})
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def mistakes_of_error(body: dict[str, Any]) -> list[str]:
    """What the description says against an error, but for the types that it does not know."""
    kind = body["error"]["type"]
    found = mistakes("ErrorResponse", body)
    if kind not in NOT_DESCRIBED:
        return found
    assert found != [], "where it is described now, it is no exception any more"
    return mistakes("ErrorResponse", {**body, "error": {**body["error"], "type": "api_error"}})


def mistakes_of_beta(event: Mapping[str, Any]) -> list[str]:
    """What the description says against an event of beta's.

    It requires `estimated_tokens` of a thinking_delta, which by its own words comes only with the beta
    `thinking-token-count-2026-05-13`.
    """
    if event.get("delta", {}).get("type") == "thinking_delta":
        event = {**event, "delta": {"estimated_tokens": None, **event["delta"]}}
    return mistakes(f"Beta{EVENTS[event['type']]}", event)


@pytest.fixture
def messages(start: Start, key: str) -> Any:
    """Asks for a script to be played."""

    def ask(play: str, query: dict[str, str] | None = None, **changes: Any) -> Any:
        request = {
            "model": "gpt-5",
            "max_tokens": 4000,
            "messages": [{"role": "user", "content": f"[[play:{play}]]"}],
            "tools": TOOLS,
            **changes,
        }
        event = {**read_event("messages-hello", key), "queryStringParameters": query}
        return start("messages").call({**event, "body": json.dumps(request)})

    return ask


def test_the_description_is_one_that_can_refuse() -> None:
    assert mistakes("Message", {}) != []
    assert mistakes("ErrorResponse", {"type": "error", "error": {"type": "oops", "message": ""}}) != []
    assert all(mistakes(schema, {"type": kind, "index": "0"}) for kind, schema in EVENTS.items() if "stop" not in kind)


@pytest.mark.failure_mode(39)
@pytest.mark.parametrize("play", PLAYS)
def test_a_whole_answer(play: str, messages: Any) -> None:
    answer = messages(play, **PLAYS[play])
    assert answer.status == 200
    assert mistakes("Message", answer.json()) == []


@pytest.mark.failure_mode(8)
@pytest.mark.parametrize("play", PLAYS)
def test_a_streamed_answer(play: str, messages: Any) -> None:
    events = decode(messages(play, stream=True, **PLAYS[play]).body.encode())
    check(events)
    assert [(event["type"], mistakes(EVENTS[event["type"]], event)) for event in events if event["type"] != "ping"] == [
        (event["type"], []) for event in events if event["type"] != "ping"
    ]
    assert {event["type"] for event in events} <= {*EVENTS, "ping"}


@pytest.mark.parametrize("play", ["plain", "tools-parallel", "reasoning-content", "plain#unasked", "web-search"])
def test_answers_as_beta_has_them(play: str, messages: Any) -> None:
    assert mistakes("BetaMessage", messages(play, BETA, **PLAYS[play]).json()) == []
    events = decode(messages(play, BETA, stream=True, **PLAYS[play]).body.encode())
    check(events)
    found = [mistake for event in events if event["type"] != "ping" for mistake in mistakes_of_beta(event)]
    assert found == []


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("play", FAILURES)
def test_an_error(play: str, stream: bool, messages: Any) -> None:
    answer = messages(play, stream=stream)
    assert answer.status == FAILURES[play]
    assert mistakes_of_error(answer.json()) == []
    assert answer.headers["request-id"] == answer.json()["request_id"]


@pytest.mark.failure_mode(13)
def test_no_answer_at_all(messages: Any) -> None:
    answer = messages("empty")
    assert (answer.status, answer.json()["error"]["type"]) == (529, "overloaded_error")
    assert mistakes_of_error(answer.json()) == []


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize("play", ["cut", "error-after-text", "eof-without-finish", "not-json", "empty"])
def test_an_error_in_a_stream(play: str, messages: Any) -> None:
    answer = messages(play, stream=True)
    # Where the text and the failure have arrived together, nothing was begun that could break off.
    error = answer.json() if answer.status == 500 else decode(answer.body.encode())[-1]
    assert mistakes("ErrorResponse", error) == []


@pytest.mark.parametrize("body", ["", "{}", '{"model": "gpt-5", "messages": []}', '{"model": "no-such-model"}'])
def test_a_refusal(body: str, start: Start, key: str) -> None:
    for name, event in (("messages", "messages-hello"), ("count_tokens", "count-tokens")):
        for asked_key, status in ((key, 400), ("nobody's key", 401)):
            answer = start(name).call({**read_event(event, asked_key), "body": body})
            assert (answer.status, mistakes("ErrorResponse", answer.json())) == (status, [])


@pytest.mark.failure_mode(28)
def test_count_tokens(start: Start, key: str) -> None:
    event = read_event("count-tokens", key)
    for query, schema in ((None, "CountMessageTokensResponse"), (BETA, "BetaCountMessageTokensResponse")):
        answer = start("count_tokens").call({**event, "queryStringParameters": query})
        assert (mistakes(schema, answer.json()), answer.status) == ([], 200)


QUERIES: list[dict[str, str] | None] = [
    None,
    {"limit": "1000"},
    {"limit": "2", "after_id": "openai/gpt-5"},
    {"limit": "2", "before_id": "openai/gpt-5"},
    {"lifecycle": "deprecated"},
]


@pytest.mark.failure_mode(41)
@pytest.mark.parametrize("query", QUERIES)
def test_a_list_of_models(query: dict[str, str] | None, start: Start, key: str) -> None:
    several = {f"{name}[]" if name == "lifecycle" else name: [value] for name, value in (query or {}).items()}
    event = {
        **read_event("models-list", key),
        "queryStringParameters": query,
        "multiValueQueryStringParameters": several or None,
    }
    answer = start("models").call(event)
    assert answer.json()["data"] != []
    assert mistakes("ListResponse_ModelInfo_", answer.json()) == []
    for model in answer.json()["data"]:
        assert set(model) == set(ModelInfo.model_fields)
        ModelInfo.model_validate(model)


def test_models_as_beta_has_them(start: Start, key: str) -> None:
    models = start("models")
    page = models.call({**read_event("models-list", key), "queryStringParameters": BETA}).json()
    assert page["data"] != []
    assert mistakes("BetaListResponse_ModelInfo_", page) == []
    event = {**read_event("models-retrieve", key), "pathParameters": {"model_id": "gpt-5"}}
    one = models.call({**event, "queryStringParameters": BETA}).json()
    assert mistakes("BetaModelInfo", one) == []
    for model in (one, *page["data"]):
        assert set(model) == set(BetaModelInfo.model_fields)
        assert set(model["capabilities"]) == set(BetaModelCapabilities.model_fields)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"after_id": "nothing"}])
def test_a_list_of_models_that_is_none(query: dict[str, str], start: Start, key: str) -> None:
    answer = start("models").call({**read_event("models-list", key), "queryStringParameters": query})
    assert answer.status in (400, 404)
    assert mistakes("ErrorResponse", answer.json()) == []


@pytest.mark.parametrize(
    ("model_id", "status"),
    [("gpt-5", 200), ("openai%2Fgpt-5", 200), ("anthropic/openai/gpt-5", 200), ("openai/gpt-99", 200), ("none", 404)],
)
def test_a_model(model_id: str, status: int, start: Start, key: str) -> None:
    event = {**read_event("models-retrieve", key), "pathParameters": {"model_id": model_id}}
    answer = start("models").call(event)
    assert answer.status == status
    assert mistakes("ModelInfo" if status == 200 else "ErrorResponse", answer.json()) == []
    assert {"request-id", "server-timing"} <= set(answer.headers)


def test_a_key_that_may_not_use_the_model(start: Start, registry: KeyRegistry) -> None:
    limited, _ = run(registry.create("bob", allowed_models=("gpt-5-nano",)))
    event = {**read_event("models-retrieve", limited), "pathParameters": {"model_id": "gpt-5"}}
    refused = [start("messages").call(read_event("messages-hello", limited)), start("models").call(event)]
    assert [(answer.status, mistakes("ErrorResponse", answer.json())) for answer in refused] == [(403, []), (403, [])]


def test_none_of_these_reaches_an_upstream(start: Start, key: str, upstream: Upstream) -> None:
    start("count_tokens").call(read_event("count-tokens", key))
    start("models").call(read_event("models-list", key))
    assert upstream.requests() == []
