"""Fifty processes against a budget for ten: never more, and exactly ten in the end; and processes that are killed."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest
from gateway.storage.open import open_store

from tests.unit.gateway.money.accounts import COST, ESTIMATE, SPENT, stored
from tests.unit.gateway.money.contending import STEPS, Contest
from tests.unit.gateway.stores import KINDS, STORES

PROCESSES = 50
FIT = 10


@pytest.mark.failure_mode(37)
@pytest.mark.parametrize("is_faulty", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.values[0] != "boto3"])
def test_a_budget_for_ten_lets_exactly_ten_of_fifty_processes_in(kind: str, is_faulty: bool, tmp_path: Path) -> None:
    with STORES[kind](tmp_path) as setting:
        limit = FIT * COST + COST // 2
        contest = Contest(setting, ["none"] * PROCESSES, {"budget_day": limit, "budget_total": limit}, is_faulty)
        assert contest.outcomes() == {"admitted": FIT, "refused": PROCESSES - FIT}
        with closing(open_store(setting)) as store:
            account = stored(store)
    assert account.held == {"day": FIT * COST, "month": FIT * COST, "total": FIT * COST}
    assert len(account.reservations) == FIT


HELD = {"before it reserves": 0, "before the write": 0, "after the write": COST, "reserved": COST,
        "before it settles": COST, "settled": SPENT}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.values[0] in ("sqlite", "dynamodb-local")])
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_process_leaves_what_it_had_set_aside_and_the_deadline_books_it(
    kind: str, step: str, tmp_path: Path
) -> None:
    with STORES[kind](tmp_path) as setting:
        contest = Contest(setting, [step] * 2, {"budget_day": 5 * COST, "budget_total": 5 * COST}, settles=True)
        assert contest.outcomes() == {"killed": 2}
        with closing(open_store(setting)) as store:
            account = stored(store)
    after = time.time() + ESTIMATE.seconds + 60
    assert account.held.get("total", 0) == 2 * HELD[step]
    assert (account.reserved(after), account.spent(after)) == (0, 2 * HELD[step])
