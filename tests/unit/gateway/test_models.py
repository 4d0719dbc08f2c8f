"""GET /v1/models and /v1/models/{id}: pages, limits of a key, and ids as clients write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from gateway.admission import Admission
from gateway.directory import open_directory
from gateway.http import answering, read_event
from gateway.models import ModelsFunction
from gateway.settings import read_settings

from tests.unit.gateway.clocks import Clock

OPENAI = {"OPENAI_API_KEY": "planted-key"}


def ask(
    environ: Mapping[str, str], model_id: str | None = None, *, allowed: str = "", **query: str
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of an answer."""
    function = ModelsFunction(
        admission=Admission(authenticator=None),
        directory=open_directory(read_settings(environ), environ, clock=Clock()),
    )
    event = {
        "httpMethod": "GET",
        "queryStringParameters": query or None,
        "pathParameters": None if model_id is None else {"model_id": model_id},
        "requestContext": {"requestId": "1-2", "authorizer": {"keyId": "key_1", "allowedModels": allowed}},
    }
    lines: list[object] = []
    answer = answering(read_event(event), function.handle, lambda *line: lines.append(line))
    assert lines == []
    assert answer["headers"]["request-id"] == "req_12"
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
    assert {model_id.partition("/")[0] for model_id in everything} == {"openai"}
    assert len(set(everything)) == len(everything) > 20


def test_the_newest_come_first() -> None:
    _, page = ask(OPENAI, limit="1000")
    dates = [model["created_at"] for model in page["data"]]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] == "1970-01-01T00:00:00Z"


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


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "+5", "", " 5", "5.0", "five", "٣", "9" * 5000, "1e2"])
def test_a_limit_that_is_none(limit: str) -> None:
    status, error = ask(OPENAI, limit=limit)
    assert (status, error["error"]) == (
        400,
        {"type": "invalid_request_error", "message": "limit: Input should be an integer from 1 to 1000"},
    )


@pytest.mark.parametrize("name", ["after_id", "before_id"])
def test_an_id_that_is_not_listed(name: str) -> None:
    status, error = ask(OPENAI, **{name: "x" * 5000})
    assert (status, error["error"]["type"]) == (404, "not_found_error")
    assert error["error"]["message"] == f"{name}: {'x' * 100} is not in the list"


def test_a_key_sees_what_it_may_use() -> None:
    _, page = ask(OPENAI, allowed="gpt-5\nopenai/gpt-5-mini\nopenai/no-such-model")
    assert {model["id"] for model in page["data"]} == {"openai/gpt-5", "openai/gpt-5-mini"}
    assert ask(OPENAI, "gpt-5", allowed="gpt-5\nopenai/gpt-5-mini")[0] == 200
    status, error = ask(OPENAI, "gpt-4.1", allowed="gpt-5\nopenai/gpt-5-mini")
    assert (status, error["error"]["type"]) == (403, "permission_error")


@pytest.mark.parametrize("written", ["gpt-5", "openai/gpt-5", "openai%2Fgpt-5", "openai%2fgpt-5", "OpenAI/gpt-5"])
def test_a_model_is_told_under_the_id_that_was_asked_for(written: str) -> None:
    status, model = ask(OPENAI, written)
    assert status == 200
    assert model == {
        "type": "model",
        "id": written.replace("%2F", "/").replace("%2f", "/"),
        "display_name": "GPT-5",
        "created_at": "1970-01-01T00:00:00Z",
        "max_input_tokens": 272000,
        "max_tokens": 128000,
        "capabilities": None,
        "lifecycle": "active",
    }


def test_a_model_that_goes_through_although_nobody_knows_it() -> None:
    status, model = ask(OPENAI, "openai/gpt-99")
    assert (status, model["id"], model["max_tokens"]) == (200, "openai/gpt-99", None)


@pytest.mark.parametrize("model_id", ["no-such-model", "%00", "x" * 300, "../../etc/passwd", "%"])
def test_a_model_that_is_none(model_id: str) -> None:
    status, error = ask(OPENAI, model_id)
    assert (status, error["error"]["type"]) == (404, "not_found_error")


def test_a_model_whose_provider_has_no_key_is_the_operators_affair() -> None:
    status, error = ask({}, "openai/gpt-5")
    assert (status, error["error"]["type"]) == (500, "api_error")
    assert "OPENAI_API_KEY" in error["error"]["message"]


@pytest.mark.parametrize("address", ["planted", "ftp://planted", "http://", "http://[planted", "http://planted℀@host"])
def test_an_address_that_is_none_is_named_by_its_variable(address: str) -> None:
    for model_id in (None, "openai/gpt-5"):
        status, error = ask({**OPENAI, "OPENAI_BASE_URL": address}, model_id)
        assert (status, error["error"]) == (
            500,
            {"type": "api_error", "message": "OPENAI_BASE_URL is not an http or https address"},
        )
