"""Every request of the vectors becomes exactly the body of Responses that stands beside it."""

from copy import deepcopy

import pytest
from translator.anthropic.request import parse_messages_request
from translator.responses.dialect import ResponsesDialect

from tests.laws.responses_requests import check_responses_request
from tests.vectors import parameters
from tests.vectors.requests import RequestCase
from tests.vectors.responses.requests import CASES


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_body(case: RequestCase) -> None:
    untouched = deepcopy(case.request)
    parsed = parse_messages_request(case.request)
    encoded = ResponsesDialect().encode(parsed, model="upstream-model", traits=case.traits, caller=case.caller)
    assert encoded.body == case.body
    assert encoded.dropped == case.dropped
    assert case.request == untouched
    check_responses_request(encoded.body)


def test_no_id_names_two_cases() -> None:
    ids = [case.id for case in CASES]
    assert sorted(set(ids)) == sorted(ids)
