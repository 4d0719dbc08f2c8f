"""GET /v1/models and /v1/models/{id}: pages, limits of a key, and ids as clients write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.routes.models import ModelsFunction
from gateway.routing.directory import open_directory
from gateway.settings import read_settings
from gateway.web.proxy_event import answering, read_event

from tests.loop import run
from tests.unit.gateway.clocks import Clock

pytestmark = pytest.mark.failure_mode(41)

OPENAI = {"OPENAI_API_KEY": "planted-key"}
SINCE = "2026-08-18T00:00:00Z"
"""The date of the catalogue."""


def ask(
    environ: Mapping[str, str],
    model_id: str | None = None,
    *,
    allowed: str = "",
    lifecycle: Sequence[str] | None = None,
    betas: str | None = None,
    **query: str,
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of an answer."""
    function = ModelsFunction(
        admission=Admission(authenticator=None),
        directory=open_directory(read_settings(environ), environ, clock=Clock()),
    )
    event = {
        "httpMethod": "GET",
        "headers": betas and {"Anthropic-Beta": betas},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": None if lifecycle is None else {"lifecycle[]": lifecycle},
        "pathParameters": None if model_id is None else {"model_id": model_id},
        "requestContext": {"requestId": "1-2", "authorizer": {"keyId": "key_1", "allowedModels": allowed}},
    }
    lines: list[object] = []
    answer = run(answering(read_event(event), function.handle, monotonic=Clock(), log=lambda *line: lines.append(line)))
    assert lines == []
    assert (answer["headers"]["request-id"], answer["headers"]["server-timing"]) == ("req_12", "edgeway;dur=0.0")
    assert "planted" not in str(answer)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture(scope="module")
def everything() -> list[str]:
    """The ids that are listed, in their order."""
    status, page = ask(OPENAI, limit="1000")
    assert (status, page["has_more"]) == (200, False)
    ids = [model["id"] for model in page["data"]]
    assert (page["first_id"], page["last_id"]) == (ids[0], ids[-1])
    return ids


def test_only_the_models_of_configured_providers_are_listed_each_once(everything: list[str]) -> None:
    assert "openai/gpt-5" in everything
    assert {model_id.removeprefix("anthropic/").partition("/")[0] for model_id in everything} == {"openai"}
    assert len(set(everything)) == len(everything) > 20


def test_no_model_is_from_1970() -> None:
    """One without a date was there at the latest when the data were made."""
    told = {model["id"]: model["created_at"] for model in ask(OPENAI, limit="1000")[1]["data"]}
    assert (told["openai/gpt-5"], told["openai/gpt-4o-2024-11-20"]) == ("2026-08-18T00:00:00Z", "2024-11-20T00:00:00Z")
    assert ask(OPENAI, "openai/gpt-99")[1]["created_at"] == "2026-08-18T00:00:00Z"
    assert min(told.values()) > "2020"


def test_without_a_provider_the_list_is_empty() -> None:
    assert ask({}) == (200, {"data": [], "has_more": False, "first_id": None, "last_id": None})


def test_twenty_are_listed_unless_a_limit_is_given(everything: list[str]) -> None:
    for query, size in (({}, 20), ({"limit": "1"}, 1), ({"limit": "07"}, 7)):
        _, page = ask(OPENAI, **query)
        assert [model["id"] for model in page["data"]] == everything[:size]
        assert (page["has_more"], page["first_id"], page["last_id"]) == (True, everything[0], everything[size - 1])


@pytest.mark.parametrize("size", [1, 4])
def test_pages_forward_and_backward_are_the_whole_list(size: int) -> None:
    few = {"COHERE_API_KEY": "planted-key"}
    everything = [model["id"] for model in ask(few, limit="1000")[1]["data"]]
    assert len(everything) > 2 * size
    forward, query = [], {"limit": str(size)}
    while True:
        _, page = ask(few, **query)
        forward += [model["id"] for model in page["data"]]
        if not page["has_more"]:
            break
        query["after_id"] = page["last_id"]
    assert forward == everything
    backward = [everything[-1]]
    while True:
        _, page = ask(few, limit=str(size), before_id=backward[0])
        backward = [model["id"] for model in page["data"]] + backward
        if not page["has_more"]:
            break
    assert backward == everything


def test_what_lies_beyond_the_ends_is_empty(everything: list[str]) -> None:
    nothing = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert ask(OPENAI, after_id=everything[-1]) == (200, nothing)
    assert ask(OPENAI, before_id=everything[0]) == (200, nothing)
    assert ask(OPENAI, after_id=everything[5], before_id=everything[3]) == (200, nothing)


def test_between_two_ids(everything: list[str]) -> None:
    _, page = ask(OPENAI, after_id=everything[2], before_id=everything[9], limit="4")
    assert ([model["id"] for model in page["data"]], page["has_more"]) == (everything[5:9], True)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (["0", "-1", "-999"], "Input should be greater than or equal to 1"),
        (["1001", "999999999"], "Input should be less than or equal to 1000"),
        (
            ["+5", "", " 5", "5.0", "five", "٣", "9" * 5000, "1e2", "--1"],
            "Input should be a valid integer, unable to parse string as an integer",
        ),
    ],
)
def test_a_limit_that_is_none(limits: Sequence[str], message: str) -> None:
    for limit in limits:
        status, error = ask(OPENAI, limit=limit)
        assert (status, error["error"]) == (400, {"type": "invalid_request_error", "message": f"limit: {message}"})


@pytest.mark.parametrize("name", ["after_id", "before_id"])
def test_an_id_that_is_not_listed(name: str) -> None:
    status, error = ask(OPENAI, **{name: "x" * 5000})
    assert (status, error["error"]["type"]) == (404, "not_found_error")
    assert error["error"]["message"] == f"{name}: {'x' * 100} is not in the list"


def test_a_key_sees_what_it_may_use() -> None:
    _, page = ask(OPENAI, allowed="gpt-5\nopenai/gpt-5-mini\nopenai/no-such-model")
    assert [model["id"] for model in page["data"]] == [
        "openai/gpt-5", "anthropic/openai/gpt-5", "openai/gpt-5-mini", "anthropic/openai/gpt-5-mini",
    ]  # fmt: skip
    assert ask(OPENAI, "gpt-5", allowed="gpt-5\nopenai/gpt-5-mini")[0] == 200
    status, error = ask(OPENAI, "gpt-4.1", allowed="gpt-5\nopenai/gpt-5-mini")
    assert (status, error["error"]["type"]) == (403, "permission_error")


NO, YES = {"supported": False}, {"supported": True}


@pytest.mark.parametrize(
    "written",
    [
        "gpt-5", "openai/gpt-5", "openai%2Fgpt-5", "openai%2fgpt-5", "OpenAI/gpt-5", "anthropic%2Fopenai%2Fgpt-5",
        "anthropic/gpt-5",
    ],
)  # fmt: skip
def test_a_model_is_told_under_the_id_that_was_asked_for(written: str) -> None:
    status, model = ask(OPENAI, written)
    assert status == 200
    assert model == {
        "type": "model",
        "id": written.replace("%2F", "/").replace("%2f", "/"),
        "display_name": "GPT-5",
        "created_at": "2026-08-18T00:00:00Z",
        "max_input_tokens": 272000,
        "max_tokens": 128000,
        "capabilities": {
            "batch": NO,
            "citations": NO,
            "code_execution": NO,
            "context_management": {
                "supported": False,
                "clear_thinking_20251015": NO,
                "clear_tool_uses_20250919": NO,
                "compact_20260112": NO,
            },
            "effort": {"supported": True, "low": YES, "medium": YES, "high": YES, "xhigh": NO, "max": NO},
            "image_input": YES,
            "pdf_input": YES,
            "server_tools": {"supported": False, "code_execution": NO, "web_search": NO},
            "structured_outputs": YES,
            "thinking": {
                "supported": True,
                "types": {"adaptive": YES, "enabled": YES, "disabled": YES, "between_tools": YES},
            },
        },
        "lifecycle": "active",
        "line": None,
        "deprecated_at": None,
        "retires_at": None,
    }


BETA_ASKED: list[dict[str, Any]] = [{"beta": "true"}, {"betas": "models-2099-01-01"}]


@pytest.mark.parametrize("asked", BETA_ASKED)
@pytest.mark.parametrize("model_id", ["gpt-5", "openai/gpt-99"])
def test_beta_tells_of_the_features_that_only_beta_has(asked: dict[str, Any], model_id: str) -> None:
    _, plain = ask(OPENAI, model_id)
    can = plain["capabilities"] and {**plain["capabilities"], "compaction": {"supported": False, "summarize": NO}}
    assert ask(OPENAI, model_id, **asked) == (200, {**plain, "allowed_fallback_models": [], "capabilities": can})


@pytest.mark.parametrize("asked", BETA_ASKED)
def test_beta_tells_it_of_every_model_in_the_list(asked: dict[str, Any]) -> None:
    _, page = ask(OPENAI, limit="1000", **asked)
    assert {len(model["allowed_fallback_models"]) for model in page["data"]} == {0}
    assert {model["capabilities"]["compaction"]["supported"] for model in page["data"]} == {False}
    plain = ask(OPENAI, limit="1000", beta="false")[1]["data"]
    assert [model["id"] for model in plain if "allowed_fallback_models" in model] == []


def test_a_model_that_can_less() -> None:
    _, model = ask(OPENAI, "gpt-3.5-turbo")
    can = model["capabilities"]
    assert [can[name] for name in ("effort", "image_input", "pdf_input")] == [
        {"supported": False, "low": NO, "medium": NO, "high": NO, "xhigh": NO, "max": NO}, NO, NO,
    ]  # fmt: skip
    assert can["thinking"] == {
        "supported": False, "types": {"adaptive": NO, "enabled": NO, "disabled": YES, "between_tools": YES},
    }  # fmt: skip


@pytest.mark.failure_mode(41)
def test_every_model_is_listed_under_an_id_that_claude_codes_picker_takes() -> None:
    providers = {**OPENAI, "ANTHROPIC_API_KEY": "planted-key", "OPENROUTER_API_KEY": "planted-key"}
    _, page = ask(providers, limit="1000")
    ids = [model["id"] for model in page["data"]]
    picked = [model_id for model_id in ids if model_id.startswith(("claude", "anthropic"))]
    assert {model_id.removeprefix("anthropic/") for model_id in picked} >= {
        model_id for model_id in ids if model_id not in picked
    }
    assert len(set(ids)) == len(ids)
    told = {model["id"]: model for model in page["data"]}
    for model_id in ("openai/gpt-5", "openrouter/anthropic/claude-sonnet-4.5"):
        assert told[f"anthropic/{model_id}"] == {**told[model_id], "id": f"anthropic/{model_id}"}


@pytest.mark.failure_mode(41)
@pytest.mark.parametrize("others", [{}, {"ANTHROPIC_API_KEY": "planted-key"}])
def test_every_id_that_is_listed_is_one_that_can_be_asked_for(others: Mapping[str, str]) -> None:
    environ = {"COHERE_API_KEY": "planted-key", "OPENROUTER_API_KEY": "planted-key", **others}
    directory = open_directory(read_settings(environ), environ, clock=Clock())
    anyone = KeyRecord(id="key_1", name="alice", hint="", created=0)
    _, page = ask(environ, limit="1000")
    assert len(page["data"]) > 400
    for model in page["data"]:
        provider = model["id"].removeprefix("anthropic/").partition("/")[0]
        best = run(directory.route(model["id"], anyone))[0]
        expected = model["id"] if best.provider.id == "anthropic" else f"{provider}/{best.model}"
        assert (best.name, best.facts is None) == (expected, False)


def test_only_the_stages_of_life_that_are_asked_for() -> None:
    by_stage = {stage: ask(OPENAI, limit="1000", lifecycle=[stage])[1]["data"] for stage in ("active", "deprecated")}
    assert all(model["lifecycle"] == stage for stage, models in by_stage.items() for model in models)
    assert all(by_stage.values())
    both = ask(OPENAI, limit="1000")[1]["data"]
    assert len(both) == sum(map(len, by_stage.values()))
    assert ask(OPENAI, limit="1000", lifecycle=["deprecated", "active", "retired"])[1]["data"] == both
    assert ask(OPENAI, lifecycle=["retired"])[1]["data"] == []


@pytest.mark.parametrize(
    ("lifecycle", "message"),
    [
        (["active", "planted"], "lifecycle.1: Input should be 'active', 'deprecated' or 'retired'"),
        (["active"] * 4, "lifecycle: List should have at most 3 items after validation, not 4"),
    ],
)
def test_a_stage_of_life_that_is_none(lifecycle: Sequence[str], message: str) -> None:
    status, error = ask(OPENAI, lifecycle=lifecycle)
    assert (status, error["error"]) == (400, {"type": "invalid_request_error", "message": message})


@pytest.mark.parametrize(
    ("model_id", "line"),
    [("claude-haiku-4-5", "haiku"), ("claude-opus-4-1-20250805", "opus"), ("claude-3-5-sonnet-20241022", "sonnet")],
)
def test_the_line_of_a_claude(model_id: str, line: str) -> None:
    _, model = ask({"ANTHROPIC_API_KEY": "planted-key"}, model_id)
    assert (model["id"], model["line"]) == (model_id, line)


def test_a_model_that_goes_through_although_nobody_knows_it() -> None:
    status, model = ask(OPENAI, "openai/gpt-99")
    assert (status, model["id"], model["max_tokens"]) == (200, "openai/gpt-99", None)


@pytest.mark.parametrize("model_id", ["no-such-model", "%00", "x" * 300, "../../etc/passwd", "%"])
def test_a_model_that_is_none(model_id: str) -> None:
    status, error = ask(OPENAI, model_id)
    assert (status, error["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("model_id", ["openai/gpt-5", "gpt-5", "claude-opus-4-8"])
def test_a_model_whose_provider_has_no_key_is_not_there(model_id: str) -> None:
    status, error = ask({}, model_id)
    assert (status, error["error"]["type"]) == (404, "not_found_error")
    assert "_API_KEY" in error["error"]["message"]


def test_the_operators_own_names_come_first(tmp_path: Path) -> None:
    """An operator's own name for a model stands before all others, as far as it leads somewhere for the key."""
    own = tmp_path / "edgeway.toml"
    own.write_text(
        '[aliases]\nfast = "openai/gpt-5-nano"\n"claude-opus-4-8" = "openai/new"\nnowhere = "groq/x"\n'
        '"openai/gpt-5" = "openai/gpt-5-mini"\n'
    )
    environ = {**OPENAI, "EDGEWAY_CONFIG": str(own)}
    _, page = ask(environ, limit="8")
    assert [(model["id"], model["display_name"], model["created_at"]) for model in page["data"]] == [
        ("fast", "GPT-5 Nano", SINCE),
        ("anthropic/fast", "GPT-5 Nano", SINCE),
        ("claude-opus-4-8", "claude-opus-4-8", SINCE),
        ("openai/gpt-5", "GPT-5 Mini", SINCE),
        ("anthropic/openai/gpt-5", "GPT-5 Mini", SINCE),
        ("openai/gpt-5.6", "GPT-5.6", SINCE),
        ("anthropic/openai/gpt-5.6", "GPT-5.6", SINCE),
        ("openai/gpt-5.6-sol", "GPT-5.6 Sol", SINCE),
    ]
    assert ask(environ, "anthropic/fast") == (200, page["data"][1])
    _, limited = ask(environ, limit="1000", allowed="fast\nopenai/gpt-4.1")
    assert [model["id"] for model in limited["data"]] == [
        "fast", "anthropic/fast", "openai/gpt-4.1", "anthropic/openai/gpt-4.1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["planted", "ftp://planted", "http://", "http://[planted", "http://planted℀@host", "http://planted:99999"],
)
def test_an_address_that_is_none_is_named_by_its_variable(address: str) -> None:
    for model_id in (None, "openai/gpt-5"):
        status, error = ask({**OPENAI, "OPENAI_BASE_URL": address}, model_id)
        assert (status, error["error"]) == (
            500,
            {"type": "api_error", "message": "OPENAI_BASE_URL is not an http or https address"},
        )
