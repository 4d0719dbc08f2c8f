"""The matrix of `make chaos` says what was bad: in a cell, for the next caller, and in what was left."""

from __future__ import annotations

import pytest

from tests.chaos.cells import Cell
from tests.chaos.families import Row

GOOD = Cell("fault", "12 200 message_stop, 500 api_error, 200 end_turn, 3 broken off")


def test_a_good_row_counts_what_each_caller_saw() -> None:
    row = Row("signals", [GOOD, Cell("another", "200 end_turn")], "")
    assert row.is_well
    assert row.markdown() == (
        "| signals | 2 | 12 x 200 message_stop, 3 x broken off, 2 x 200 end_turn, 1 x 500 api_error "
        "| 2 of 2 | 2 of 2 | nothing |"
    )


@pytest.mark.parametrize(
    ("cell", "left", "shown"),
    [
        (Cell("a", "200", unlawful="no end"), "", "| 1 of 2 | 2 of 2 | nothing |"),
        (Cell("a", "200", after="saw 500"), "", "| 2 of 2 | 1 of 2 | nothing |"),
        (GOOD, "9 tasks are left", "| 2 of 2 | 2 of 2 | 9 tasks are left |"),
    ],
)
def test_whatever_is_bad_makes_a_bad_row(cell: Cell, left: str, shown: str) -> None:
    row = Row("signals", [GOOD, cell], left)
    assert not row.is_well
    assert row.markdown().endswith(shown)
