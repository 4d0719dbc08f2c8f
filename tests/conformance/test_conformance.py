"""The page lists, for every failure mode, just the tests that are marked with it."""

from __future__ import annotations

import pytest

from tests.conformance.modes import MODES
from tests.conformance.page import FILE, read, render, replaced
from tests.conformance.plugin import COLLECTED


def test_the_page_lists_the_tests_that_there_are(request: pytest.FixtureRequest) -> None:
    """In the files that this run has looked at: all of them, in `make test`."""
    if any("::" in argument for argument in request.config.args):
        pytest.skip("a single test says nothing of the others")
    found, files = request.config.stash[COLLECTED]
    page = FILE.read_text(encoding="utf-8")
    assert page == render(replaced(read(page), found, files)), "run: make conformance"


def test_the_modes_are_numbered() -> None:
    assert [mode.number for mode in MODES] == list(range(1, len(MODES) + 1))


def test_no_mark_names_a_mode_that_there_is_not(request: pytest.FixtureRequest) -> None:
    found, _ = request.config.stash[COLLECTED]
    assert {test.mode for test in found} <= {mode.number for mode in MODES}


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: f"{mode.number}")
def test_every_mode_is_held_by_a_test_that_make_test_runs(mode: object) -> None:
    held = {test.mode for test in read(FILE.read_text(encoding="utf-8")) if test.command == "make test"}
    assert mode in [each for each in MODES if each.number in held]
