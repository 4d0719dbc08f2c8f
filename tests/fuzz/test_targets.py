"""Each target with its seeds, with a bounded number of changes, and with everything that fuzzing has ever found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, changed
from tests.fuzz.trying import FINDINGS, Findings, broken

CHANGES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_a_seed_breaks_nothing(name: str) -> None:
    _, seeds = TARGETS[name]
    assert {what for seed in seeds if (what := broken(name, seed))} == set()


@pytest.mark.parametrize("name", TARGETS)
def test_some_changes_break_nothing(name: str) -> None:
    _, seeds = TARGETS[name]
    chance = random.Random(name)
    inputs = [changed(chance.choice(seeds), seeds, chance) for _ in range(CHANGES)]
    assert {what: data for data in inputs if (what := broken(name, data))} == {}


def test_what_was_found_is_mended() -> None:
    found = [file for file in FINDINGS.rglob("*") if file.is_file()]
    assert {str(file): what for file in found if (what := broken(file.parent.name, file.read_bytes()))} == {}


def test_what_breaks_a_law_is_kept_once_for_each_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def breaks(data: bytes) -> None:
        assert data != b"bad"
        if data in (b"worse", b"as bad"):
            raise ValueError

    monkeypatch.setattr("tests.fuzz.trying.FINDINGS", tmp_path)
    monkeypatch.setattr("tests.fuzz.trying.TARGETS", {"it": (breaks, ())})
    findings = Findings("it")
    for data in (b"good", b"bad", b"worse", b"as bad"):
        findings.tried(data)
    assert sorted(file.read_bytes() for file in (tmp_path / "it").iterdir()) == [b"bad", b"worse"]
    assert len(findings.places) == 2
