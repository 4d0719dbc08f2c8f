"""Every request of the vectors becomes exactly the body that stands beside it."""

from copy import deepcopy

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.request import parse_messages_request
from translator.chat.request.request import encode_request
from translator.dialect import Caller, EncodedRequest
from translator.traits import Traits

from tests.laws.chat_requests import check_chat_request
from tests.vectors import parameters
from tests.vectors.requests import (
    SOMEBODY,
    Json,
    RefusedCase,
    RequestCase,
    cache,
    conversation,
    fields,
    history,
    malformed,
    media,
    reasoning,
    results,
    schemas,
    system,
    tool_choice,
    tools,
)

CASES = [
    case
    for module in (system, conversation, media, results, history, reasoning, tools, tool_choice, schemas, cache, fields)
    for case in module.CASES
]
REFUSED = [case for module in (malformed, media, tools, tool_choice, fields) for case in module.REFUSED]


def encode(request: Json, traits: Traits, caller: Caller) -> EncodedRequest:
    return encode_request(parse_messages_request(request), model="upstream-model", traits=traits, caller=caller)


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_body(case: RequestCase) -> None:
    untouched = deepcopy(case.request)
    encoded = encode(case.request, case.traits, case.caller)
    assert encoded.body == case.body
    assert encoded.dropped == case.dropped
    assert case.request == untouched
    check_chat_request(encoded.body, cache_marker=case.traits.cache_marker)


@pytest.mark.parametrize("case", parameters(REFUSED))
def test_a_refusal(case: RefusedCase) -> None:
    with pytest.raises(ApiError) as caught:
        encode(case.request, case.traits, SOMEBODY)
    assert (caught.value.error_type, caught.value.message) == (case.error_type, case.message)


def test_a_thread_that_is_not_kept_is_told_in_the_sdks_terms() -> None:
    [case] = [case for case in fields.REFUSED if case.id == "refused-thread"]
    with pytest.raises(ApiError) as caught:
        parse_messages_request(case.request)
    assert caught.value.body("req_1") == {
        "type": "error",
        "error": {
            "type": case.error_type,
            "message": case.message,
            "details": {"error_code": "thread_not_found"},
        },
        "request_id": "req_1",
    }


def test_no_id_names_two_cases() -> None:
    ids = [case.id for case in [*CASES, *REFUSED]]
    assert sorted(set(ids)) == sorted(ids)
