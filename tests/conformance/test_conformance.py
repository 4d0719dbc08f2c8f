"""The page counts, for every failure mode, just the tests that are marked with it."""

from __future__ import annotations

import pytest

from tests.conformance.modes import MODES
from tests.conformance.page import FILE, TEST, Held, render
from tests.conformance.plugin import COLLECTED


@pytest.fixture
def found(request: pytest.FixtureRequest) -> frozenset[Held]:
    """Every test of the project that holds a failure mode."""
    config = request.config
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        pytest.skip("some of the tests say nothing of the others")
    return config.stash[COLLECTED]


def test_the_page_counts_the_tests_that_there_are(found: frozenset[Held]) -> None:
    assert FILE.read_text(encoding="utf-8") == render(found), "run: make conformance"


def test_the_modes_are_numbered() -> None:
    assert [mode.number for mode in MODES] == list(range(1, len(MODES) + 1))


def test_no_mark_names_a_mode_that_there_is_not(request: pytest.FixtureRequest) -> None:
    assert {test.mode for test in request.config.stash[COLLECTED]} <= {mode.number for mode in MODES}


def test_every_mode_is_held_by_a_test_that_make_test_runs(found: frozenset[Held]) -> None:
    assert {test.mode for test in found if test.command == TEST} == {mode.number for mode in MODES}
