"""The money soak finds what it looks for: a sum that is off by one, a record that is missing, money still set aside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from gateway.money.budgets import Account, Reserved

from tests.soak.counting import Call
from tests.soak.reckoning import Books, Line, budget_problem, lines, record_problems

NOW = 1_000.0
TOLD = Call("a", "one", "counted", prompt=1001, cached=500, thinking=10, written=10, is_reported=True)
"""501 tokens at 1.25, 500 at 0.125 and 20 at 10 micro-dollars: 888.75."""
CUT = Call("b", "one", "cut", prompt=100, cached=0, thinking=0, written=5)
RECORD = {"session": "a", "input_tokens": 501, "cache_read_input_tokens": 500, "output_tokens": 20,
          "cost_micro_dollars": 889, "cost_is_estimate": False}  # fmt: skip
GUESSED = {**RECORD, "session": "b", "cost_micro_dollars": 170, "cost_is_estimate": True}


def books(*records: dict[str, Any], interrupted: str = "", calls: tuple[Call, ...] = (TOLD, CUT)) -> Books:
    return Books(calls, records, frozenset(interrupted))


def test_the_upstreams_prices_are_worked_out_in_fractions() -> None:
    assert (TOLD.cost, replace(TOLD, written=0).cost, CUT.cost) == (889, 689, 175)
    assert replace(TOLD, provider="two").cost == 123 + 106  # 75.15 + 18.75 + 12


@pytest.mark.parametrize(
    ("found", "problems"),
    [
        (books(RECORD, GUESSED), []),
        (books({**RECORD, "output_tokens": 21}, GUESSED),
         ["a: the record's tokens are not the upstream's (501, 500, 20)"]),
        (books({**RECORD, "cost_micro_dollars": 888}), ["a: 888 micro-dollars, not 889"]),
        (books({**RECORD, "cost_is_estimate": True}),
         ["a: an estimate, although the upstream has told its usage"]),
        (books(GUESSED), ["a: no record of it"]),
        (books(GUESSED, interrupted="a"), []),
    ],
    ids=["all is well", "a token", "a micro-dollar", "an estimate", "nothing", "killed"],
)  # fmt: skip
def test_a_record_that_differs_is_found(found: Books, problems: list[str]) -> None:
    assert list(record_problems(found)) == problems


@pytest.mark.parametrize(
    ("account", "interrupted", "problem"),
    [
        (Account(held={"total": 1059}, estimated=170), "", None),
        (Account(held={"total": 1060}, estimated=170), "", "key/k: 1 micro-dollars more than the upstream told"),
        (Account(held={"total": 170}, estimated=170), "", "key/k: -889 micro-dollars more than the upstream told"),
        (Account(held={"total": 170}, estimated=170), "a", None),
        (Account(held={"total": 2059}, estimated=170, reservations={"r": Reserved(900, 1000, "")}), "", None),
        (Account(held={"total": 2059}, estimated=170, reservations={"r": Reserved(1001, 1000, "")}), "",
         "key/k: 1000 micro-dollars are still reserved"),
    ],
    ids=["all is well", "a micro-dollar", "not settled", "killed before it", "killed, its deadline over", "held"],
)  # fmt: skip
def test_a_budget_that_differs_is_found(account: Account, interrupted: str, problem: str | None) -> None:
    records = () if interrupted else (RECORD,)
    found = budget_problem("key/k", account, NOW, ["a", "b"], books(*records, GUESSED, interrupted=interrupted))
    assert (found or "").partition(", with")[0] == (problem or "")


def test_estimates_are_told_apart_with_the_true_sum_beside() -> None:
    assert list(lines(books(RECORD, GUESSED))) == [
        Line("told by the upstream", 1, 889, 889),
        Line("estimated: cut", 1, 170, 175),
    ]
