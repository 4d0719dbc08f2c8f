"""What API Gateway answers by itself: Anthropic's shape, the right type, and a retry refused where it cannot help."""

from __future__ import annotations

import json
import re
import runpy
from dataclasses import dataclass
from typing import Any

import pytest
from gateway.storage.protocol import Item, ItemType
from translator.anthropic.errors import STATUS, ErrorType

from tests.loop import run
from tests.template.cloud import ROOT, Template

REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
REFUSAL = "this key has expired"
OWN_WORDS = 'Could not parse "body" into C:\\json'
VARIABLES = {
    "$context.requestId": REQUEST_ID,
    "$context.authorizer.type": "authentication_error",
    "$context.authorizer.message": REFUSAL,
    "$context.error.messageString": json.dumps(OWN_WORDS),  # the only one that comes with its quotes, and escaped
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A gateway response as a client sees it; without a status it keeps API Gateway's own."""

    status: int | None
    type: ErrorType
    message: str
    headers: tuple[tuple[str, str], ...] = ()


FINAL = (("x-should-retry", "'false'"),)
SOON = (("retry-after", "'2'"),)
ANSWERS = {
    "ACCESS_DENIED": Answer(401, "authentication_error", REFUSAL, FINAL),
    "UNAUTHORIZED": Answer(
        401, "authentication_error", "send your key as x-api-key or as Authorization: Bearer", FINAL
    ),
    "INVALID_API_KEY": Answer(403, "permission_error", "this key belongs to no usage plan", FINAL),
    "MISSING_AUTHENTICATION_TOKEN": Answer(404, "not_found_error", "no such route", FINAL),
    "INVALID_SIGNATURE": Answer(404, "not_found_error", "no such route", FINAL),
    "RESOURCE_NOT_FOUND": Answer(404, "not_found_error", "no such route", FINAL),
    "REQUEST_TOO_LARGE": Answer(413, "request_too_large", "the request is larger than AWS lets through", FINAL),
    "WAF_FILTERED": Answer(403, "permission_error", "the firewall of this gateway refuses the request", FINAL),
    "THROTTLED": Answer(429, "rate_limit_error", "too many requests per second", (("retry-after", "'1'"),)),
    "QUOTA_EXCEEDED": Answer(429, "rate_limit_error", "this key has used up its requests of the day", FINAL),
    "INTEGRATION_TIMEOUT": Answer(504, "timeout_error", "the gateway did not answer in time"),
    "INTEGRATION_FAILURE": Answer(504, "timeout_error", "the gateway ended without an answer"),
    "AUTHORIZER_FAILURE": Answer(529, "overloaded_error", "the gateway cannot check keys at the moment", SOON),
    "AUTHORIZER_CONFIGURATION_ERROR": Answer(
        529, "overloaded_error", "the gateway cannot check keys at the moment", SOON
    ),
    "DEFAULT_4XX": Answer(None, "invalid_request_error", OWN_WORDS, FINAL),
    "DEFAULT_5XX": Answer(None, "api_error", "internal error of the gateway"),
}


@pytest.fixture(scope="module")
def responses(received: Template) -> dict[str, Any]:
    found: dict[str, Any] = received["Resources"]["Api"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    return found


@dataclass(frozen=True, slots=True)
class OneKey:
    """A store that finds one key under every hash, or none."""

    facts: dict[str, Any] | None

    async def get(self, pk: str, sk: str) -> Item | None:
        known = {"id": "key_1", "name": "one", "hint": "", "created": 0, "status": "active"}
        return None if self.facts is None else Item(pk, sk, ItemType.KEY, {**known, **self.facts})


def substituted(text: str, variables: dict[str, str]) -> str:
    """The text as API Gateway sends it: its variables replaced by their values, and nothing escaped."""
    return re.sub(r"\$context[A-Za-z.]*", lambda variable: variables[variable[0]], text)


def test_these_are_all(responses: dict[str, Any]) -> None:
    assert responses.keys() == ANSWERS.keys()


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
def test_an_answer_of_api_gateway_is_an_error_of_anthropic(
    responses: dict[str, Any], name: str, answer: Answer
) -> None:
    response = responses[name]
    assert response.get("statusCode") == (None if answer.status is None else str(answer.status))
    assert response["responseTemplates"].keys() == {"application/json"}
    assert json.loads(substituted(response["responseTemplates"]["application/json"], VARIABLES)) == {
        "type": "error",
        "error": {"type": answer.type, "message": answer.message},
        "request_id": REQUEST_ID,
    }
    assert response["responseParameters"] == {
        "gatewayresponse.header.request-id": "context.requestId",
        **{f"gatewayresponse.header.{name}": value for name, value in answer.headers},
    }


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
def test_a_status_and_a_type_go_together_as_in_the_functions(name: str, answer: Answer) -> None:
    assert answer.status in {None, STATUS[answer.type]}


@pytest.mark.parametrize(
    ("headers", "stored"),
    [
        ({}, None),
        ({"x-api-key": "short"}, None),
        ({"x-api-key": "ew_" + "EXAMPLE" * 7}, None),
        ({"Authorization": "Bearer unknown-key"}, None),
        ({"X-Api-Key": "revoked-key"}, {"status": "revoked"}),
        ({"X-Api-Key": "expired-key"}, {"expires": 1}),
    ],
)
def test_what_the_authorizer_says_of_a_refusal_fits_into_the_answer(
    responses: dict[str, Any],
    headers: dict[str, str],
    stored: dict[str, Any] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is escaped, so a message must hold neither a quote nor a backslash."""
    monkeypatch.setattr("gateway.access.admission.open_store", lambda *_, **_options: OneKey(stored))
    decide = runpy.run_path(str(ROOT / "functions" / "authorizer" / "app.py"))["build"]({})
    arn = "arn:aws:execute-api:eu-central-1:123456789012:a/Prod/GET/"
    answer = run(decide({"headers": headers, "methodArn": arn}, None))
    context = {f"$context.authorizer.{name}": value for name, value in answer["context"].items()}
    text = responses["ACCESS_DENIED"]["responseTemplates"]["application/json"]
    assert json.loads(substituted(text, {"$context.requestId": REQUEST_ID, **context})) == {
        "type": "error",
        "error": {"type": "authentication_error", "message": context["$context.authorizer.message"]},
        "request_id": REQUEST_ID,
    }
