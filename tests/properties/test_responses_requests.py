"""Every valid request becomes one that OpenAI's Responses takes, by its own description."""

import json
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_messages_request
from translator.dialect import Caller, EncodedRequest
from translator.responses.request.request import encode_request
from translator.traits import Traits

from tests.laws.responses_requests import check_responses_request
from tests.properties.requests import Json, requests, traits
from tests.properties.responses_description import request_validator
from tests.properties.test_requests import OPENAI_MODELS, openai_traits
from tests.vectors.requests import RequestCase
from tests.vectors.responses.requests import CASES


def encode(request: Json, upstream: Traits) -> EncodedRequest:
    parsed = parse_messages_request(request)
    return encode_request(parsed, model="upstream-model", traits=upstream, caller=Caller(session="s", user="u"))


def mistakes(encoded: EncodedRequest) -> list[str]:
    """What OpenAI's description says against the request, as it goes over the wire."""
    return [error.message for error in request_validator().iter_errors(json.loads(encode_json(encoded.body)))]


@pytest.mark.failure_mode(20)
@given(requests, traits)
def test_the_body_obeys_the_laws_of_responses(request: Json, upstream: Traits) -> None:
    check_responses_request(encode(request, upstream).body)


@pytest.mark.failure_mode(5)
@given(requests, st.sampled_from(OPENAI_MODELS).map(openai_traits), st.sampled_from(["none", "upstream"]))
def test_the_body_fits_openais_own_description(
    request: Json, upstream: Traits, web_search: Literal["none", "upstream"]
) -> None:
    assert mistakes(encode(request, replace(upstream, web_search=web_search))) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_vector_fits_too(case: RequestCase) -> None:
    assert mistakes(encode(case.request, case.traits)) == []


@given(requests, traits)
def test_the_same_request_is_the_same_bytes(request: Json, upstream: Traits) -> None:
    first, second = (encode_json(encode(request, upstream).body) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "change",
    [
        {"top_k": 1},
        {"stop": ["x"]},
        {"input": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
        {"input": [{"role": "user", "content": "a", "cache_control": {}}]},
        {"tools": [{"type": "function", "function": {"name": "look"}}]},
        {"tools": [{"type": "web_search", "blocked_domains": ["a.test"]}]},
        {"include": ["web_search_call.sources"]},
        {"reasoning": {"effort": "extreme"}},
        {"text": {"format": {"type": "json_schema", "json_schema": {}}}},
    ],
    ids=str,
)
def test_the_description_is_one_that_can_refuse(change: Json) -> None:
    sent = {"model": "gpt-5.6", "stream": True, "input": "Hello"}
    assert list(request_validator().iter_errors(sent)) == []
    assert list(request_validator().iter_errors({**sent, **change})) != []
