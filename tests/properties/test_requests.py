"""Every valid request becomes one that any upstream takes, and nothing is done to the caller's."""

import json
from copy import deepcopy
from functools import cache

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration
from gateway.routing.providers import configured_providers
from gateway.routing.resolve import resolve
from gateway.tokens.vocabulary import count_in
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_messages_request
from translator.chat.request.request import encode_request
from translator.dialect import Caller, EncodedRequest
from translator.tokens.counting import counting
from translator.tokens.estimate import estimate_input_tokens
from translator.traits import Traits

from tests.laws.chat_requests import check_chat_request
from tests.properties.openai_description import request_validator
from tests.properties.requests import Json, requests, traits
from tests.vectors.requests import OPENAI, PLAIN, RequestCase
from tests.vectors.test_requests import CASES

OPENAI_MODELS = ("gpt-4o", "o3", "gpt-5", "gpt-5.4", "gpt-5.6-luna")


@cache
def openai_traits(model: str) -> Traits:
    configuration = Configuration(catalogue=Catalogue.open())
    return resolve(f"openai/{model}", configuration, configured_providers({"OPENAI_API_KEY": "key"}))[0].traits


def mistakes(encoded: EncodedRequest, *, is_closed: bool) -> list[str]:
    """What OpenAI's description says against the request, as it goes over the wire."""
    body = json.loads(encode_json(encoded.body))
    return [error.message for error in request_validator(is_closed=is_closed).iter_errors(body)]


def encode(request: Json, upstream: Traits) -> EncodedRequest:
    parsed = parse_messages_request(request)
    return encode_request(parsed, model="upstream-model", traits=upstream, caller=Caller(session="s", user="u"))


@pytest.mark.failure_mode(20)
@given(requests, traits)
def test_the_body_obeys_the_laws_of_chat_completions(request: Json, upstream: Traits) -> None:
    check_chat_request(encode(request, upstream).body, cache_marker=upstream.cache_marker)


@pytest.mark.failure_mode(5)
@given(requests, traits)
def test_the_body_fits_openais_own_description(request: Json, upstream: Traits) -> None:
    assert mistakes(encode(request, upstream), is_closed=False) == []


@pytest.mark.failure_mode(5)
@given(requests, st.sampled_from(OPENAI_MODELS).map(openai_traits))
def test_what_goes_to_openai_holds_nothing_that_openai_does_not_describe(request: Json, upstream: Traits) -> None:
    assert mistakes(encode(request, upstream), is_closed=True) == []


@pytest.mark.parametrize("upstream", OPENAI_MODELS)
@pytest.mark.parametrize("case", [case for case in CASES if case.traits in (PLAIN, OPENAI)], ids=lambda case: case.id)
def test_every_vector_for_openai_fits_too(case: RequestCase, upstream: str) -> None:
    """Tools, images, documents, thinking and structured output, whatever the random requests happen to hold."""
    assert mistakes(encode(case.request, openai_traits(upstream)), is_closed=True) == []


@pytest.mark.parametrize(
    "change",
    [
        {"top_k": 1},
        {"messages": [{"role": "user", "content": "Hello", "cache_control": {"type": "ephemeral"}}]},
        {"messages": [{"role": "user", "content": [{"type": "thinking", "thinking": "Hm."}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {}}]}]},
        {"messages": [{"role": "assistant", "content": "Hello", "reasoning_content": "Hm."}]},
        {"tools": [{"type": "function", "function": {"name": "look", "defer_loading": True}}]},
        {"tools": [{"type": "function", "function": {"name": "look", "parameters": []}}]},
        {"tool_choice": {"type": "tool", "name": "look"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        {"stream_options": {"include_usage": True, "more": True}},
        {"reasoning_effort": "extreme"},
    ],
    ids=str,
)
def test_the_description_is_one_that_can_refuse(change: Json) -> None:
    sent = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello"}]}
    assert list(request_validator(is_closed=True).iter_errors(sent)) == []
    assert list(request_validator(is_closed=True).iter_errors({**sent, **change})) != []


@pytest.mark.failure_mode(6)
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
    count = counting("gpt-5", count_in)
    estimated = estimate_input_tokens(parse_messages_request(request), count)
    assert estimated > 0
    longer = {**request, "messages": [*request["messages"], {"role": "user", "content": "And then?"}]}
    assert estimate_input_tokens(parse_messages_request(longer), count) > estimated
