"""Every refusal of the vectors becomes exactly the error that stands beside it."""

import pytest
from translator.chat.errors import read_error

from tests.laws import check
from tests.vectors import parameters
from tests.vectors.refusals import ESTIMATE, RefusalCase, overflows, statuses

CASES = [*overflows.CASES, *statuses.CASES]


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_error(case: RefusalCase) -> None:
    error = read_error(case.status, case.headers, case.body, input_tokens=ESTIMATE, traits=case.traits)
    assert error.body("req_1") == {
        "type": "error",
        "error": {"type": case.error_type, "message": case.message},
        "request_id": "req_1",
    }
    assert (error.status, error.headers(), error.fault) == (case.sent_status, case.sent_headers, case.fault)
    assert str(error) == case.message
    check([error.body(None)])


def test_no_id_names_two_cases() -> None:
    ids = [case.id for case in CASES]
    assert sorted(set(ids)) == sorted(ids)
