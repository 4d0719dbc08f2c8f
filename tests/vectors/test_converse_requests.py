"""Every request of the vectors becomes exactly the body of Converse that stands beside it."""

from copy import deepcopy

import pytest
from translator.anthropic.request import parse_messages_request
from translator.converse.dialect import ConverseDialect

from tests.laws.converse_requests import check_converse_request
from tests.vectors import parameters
from tests.vectors.converse.requests import CASES, ConverseCase


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_body(case: ConverseCase) -> None:
    untouched = deepcopy(case.request)
    parsed = parse_messages_request(case.request)
    encoded = ConverseDialect().encode(parsed, model=case.model, traits=case.traits, caller=case.caller)
    assert encoded.body == case.body
    assert encoded.dropped == case.dropped
    assert encoded.path == case.path
    assert case.request == untouched
    check_converse_request(encoded.body)


def test_no_id_names_two_cases() -> None:
    ids = [case.id for case in CASES]
    assert sorted(set(ids)) == sorted(ids)
