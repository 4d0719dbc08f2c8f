"""The matrix in docs/clients.md covers every client, dialect and feature, in the versions that are pinned."""

from __future__ import annotations

from tests.clients.matrix import document
from tests.clients.matrix.cases import CASES, SHOWN, YES
from tests.clients.matrix.clients import CLIENTS


def test_the_matrix_is_whole() -> None:
    words = {
        case: SHOWN if case.feature == "thinking" and not CLIENTS[case.client].keeps_thinking else YES for case in CASES
    }
    assert document.written() == document.table(words)


def test_every_combination_has_a_cell() -> None:
    rows = [line for line in document.written().splitlines()[2:] if line]
    assert sum(line.count("|") - 3 for line in rows) == len(CASES) == 6 * 3 * 4
