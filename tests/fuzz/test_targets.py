"""Each target with its seeds, with a bounded number of changes, and with everything that fuzzing has ever found."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.__main__ import FINDINGS, tried
from tests.fuzz.targets import TARGETS, changed

CHANGES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_a_seed_breaks_nothing(name: str) -> None:
    _, seeds = TARGETS[name]
    assert {what for seed in seeds if (what := tried(name, seed))} == set()


@pytest.mark.parametrize("name", TARGETS)
def test_some_changes_break_nothing(name: str) -> None:
    _, seeds = TARGETS[name]
    chance = random.Random(name)
    inputs = [changed(chance.choice(seeds), seeds, chance) for _ in range(CHANGES)]
    assert {what: data for data in inputs if (what := tried(name, data))} == {}


def test_what_was_found_is_mended() -> None:
    found = [file for file in FINDINGS.rglob("*") if file.is_file()]
    assert {str(file): what for file in found if (what := tried(file.parent.name, file.read_bytes()))} == {}
