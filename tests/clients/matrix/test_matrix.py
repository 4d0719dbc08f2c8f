"""Every client against a model of every dialect: an answer, a tool, thinking, an error."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.clients.matrix import document
from tests.clients.matrix.cases import CASES, SHOWN, YES, Case, Outcome, play
from tests.clients.matrix.clients import CLIENTS, installed, locked

pytestmark = [pytest.mark.clients, pytest.mark.timeout(1800)]

Outcomes = Mapping[Case, Outcome]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """All of it is played once, several clients at the same time; `make clients-matrix` reads what is kept."""
    found = play(tmp_path_factory.mktemp("clients"))
    document.keep({case: outcome.word for case, outcome in found.items()})
    return found


@pytest.mark.parametrize("name", CLIENTS)
def test_what_is_installed_is_what_is_pinned(name: str) -> None:
    assert installed(CLIENTS[name]) == locked(CLIENTS[name].package)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_works(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes[case]
    forgets = case.feature == "thinking" and not CLIENTS[case.client].keeps_thinking
    assert outcome.word == (SHOWN if forgets else YES), outcome.printed


def test_the_document_says_what_was_found(outcomes: Outcomes) -> None:
    found = {case: outcome.word for case, outcome in outcomes.items()}
    assert document.written() == document.table(found), "make clients-matrix writes it"
