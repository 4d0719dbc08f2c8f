"""Every mutation still fits the code. Whether a test notices it is for `make mutations` to say."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutations.mutations import MUTATIONS, Mutation
from tests.running import ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.id)
def test_what_it_switches_off_is_there_once(mutation: Mutation) -> None:
    written = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert written.count(mutation.old) == 1, "the code has moved: move its mutation in tests/mutations/mutations.py"


def test_no_id_names_two_mutations() -> None:
    assert Counter(mutation.id for mutation in MUTATIONS).most_common(1)[0][1] == 1


def test_the_tests_are_in_files_that_there_are() -> None:
    files = {test.partition("::")[0] for mutation in MUTATIONS for test in mutation.tests}
    assert [file for file in sorted(files) if not (ROOT / file).is_file()] == []
