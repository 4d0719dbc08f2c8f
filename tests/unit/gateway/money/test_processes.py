"""Fifty processes against a budget for ten: never more, and exactly ten in the end; and processes that are killed."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from queue import Empty

import pytest
from gateway.storage.open import open_store

from tests.unit.gateway.money.accounts import COST, ESTIMATE, SPENT, stored
from tests.unit.gateway.money.contending import STEPS, contend
from tests.unit.gateway.stores import KINDS, STORES

PROCESSES = 50
FIT = 10
TO_START = 20.0
SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.unit.gateway.money.contending"])


def contended(
    setting: str, steps: list[str], *, limit: int, is_faulty: bool = False, settles: bool = False
) -> Counter[str]:
    """What each process has reported; a killed one reports nothing."""
    report = SPAWN.Queue()
    seen = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    moment = time.time() + (2.0 if len(steps) < PROCESSES else 6.0)
    processes = [
        SPAWN.Process(
            target=contend,
            args=(setting, seen, step, report, {"budget_day": limit, "budget_total": limit}, moment),
            kwargs={"is_faulty": is_faulty, "settles": settles},
        )
        for step in steps
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    outcomes: Counter[str] = Counter()
    try:
        while True:
            outcomes[report.get(timeout=0.2)] += 1
    except Empty:
        return outcomes


@pytest.mark.failure_mode(37)
@pytest.mark.parametrize("is_faulty", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.values[0] != "boto3"])
def test_a_budget_for_ten_lets_exactly_ten_of_fifty_processes_in(kind: str, is_faulty: bool, tmp_path: Path) -> None:
    with STORES[kind](tmp_path) as setting:
        outcomes = contended(setting, ["none"] * PROCESSES, limit=FIT * COST + COST // 2, is_faulty=is_faulty)
        assert outcomes == {"admitted": FIT, "refused": PROCESSES - FIT}
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
        contended(setting, [step] * 2, limit=5 * COST, settles=True)
        with closing(open_store(setting)) as store:
            account = stored(store)
    after = time.time() + ESTIMATE.seconds + 60
    assert account.held.get("total", 0) == 2 * HELD[step]
    assert (account.reserved(after), account.spent(after)) == (0, 2 * HELD[step])
