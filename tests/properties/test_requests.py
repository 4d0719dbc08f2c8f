"""Every valid request becomes one that any upstream takes, and nothing is done to the caller's."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_messages_request
from translator.chat.request import encode_request
from translator.dialect import Caller, EncodedRequest
from translator.estimate import estimate_input_tokens
from translator.traits import Traits

from tests.laws.chat_requests import check_chat_request
from tests.properties.openai_description import request_validator
from tests.properties.requests import Json, requests, traits


def encode(request: Json, upstream: Traits) -> EncodedRequest:
    parsed = parse_messages_request(request)
    return encode_request(parsed, model="upstream-model", traits=upstream, caller=Caller(session="s", user="u"))


@pytest.mark.failure_mode(20)
@given(requests, traits)
def test_the_body_obeys_the_laws_of_chat_completions(request: Json, upstream: Traits) -> None:
    check_chat_request(encode(request, upstream).body, knows_cache_control=upstream.cache_control)


@pytest.mark.failure_mode(5)
@given(requests, traits)
def test_the_body_fits_openais_own_description(request: Json, upstream: Traits) -> None:
    body = json.loads(encode_json(encode(request, upstream).body))
    assert [error.message for error in request_validator().iter_errors(body)] == []


@given(requests, traits)
def test_the_callers_request_stays_as_it_was(request: Json, upstream: Traits) -> None:
    before = deepcopy(request)
    encode(request, upstream)
    assert request == before


@pytest.mark.failure_mode(16)
@given(requests, traits)
def test_the_same_request_is_the_same_bytes(request: Json, upstream: Traits) -> None:
    first, second = (encode_json(encode(deepcopy(request), upstream).body) for _ in range(2))
    assert first == second


@pytest.mark.failure_mode(28)
@given(requests)
def test_an_estimate_is_never_zero_and_grows(request: Json) -> None:
    estimated = estimate_input_tokens(parse_messages_request(request))
    assert estimated > 0
    longer = {**request, "messages": [*request["messages"], {"role": "user", "content": "And then?"}]}
    assert estimate_input_tokens(parse_messages_request(longer)) > estimated
