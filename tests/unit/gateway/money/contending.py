"""Processes that contend for one budget, some of which are killed between two steps."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from gateway.aws.types import AwsError
from gateway.money.ledger import StoredLedger
from gateway.money.refusals import OverBudgetError
from gateway.storage.open import open_store
from gateway.storage.protocol import Change, Item, Store
from translator.anthropic.errors import ApiError

from tests.unit.gateway.money.accounts import ESTIMATE, PRICED, USED, giving, limited

STEPS = ("before it reserves", "before the write", "after the write", "reserved", "before it settles", "settled")
"""Where a process may be killed."""


class Dying:
    """A store that kills its process around a write, and that is throttled and in conflict now and then."""

    def __init__(self, store: Store, step: str, *, is_faulty: bool) -> None:
        self._store = store
        self._step = step
        self._is_faulty = is_faulty
        self._writes = 0

    async def get(self, pk: str, sk: str) -> Item | None:
        return await self._store.get(pk, sk)

    async def change(self, change: Change) -> Item:
        self._writes += 1
        if self._is_faulty and self._writes % 3:
            code = ("ThrottlingException", "TransactionConflictException")[self._writes % 2]
            raise AwsError("UpdateItem", code, "again", status=400)
        die_at(self._step, "before it settles" if change.remove else "before the write")
        item = await self._store.change(change)
        if not change.remove:
            die_at(self._step, "after the write")
        return item


def die_at(chosen: str, step: str) -> None:
    """End the process as a lack of memory does, if that is the chosen step."""
    if chosen == step:
        os.kill(os.getpid(), signal.SIGKILL)


def contend(
    setting: str,
    environment: Mapping[str, str],
    step: str,
    report: Any,
    limits: Mapping[str, int],
    moment: float,
    *,
    is_faulty: bool,
    settles: bool,
) -> None:
    """Reserve once at the moment; report what came of it."""
    os.environ.update(environment)
    with closing(open_store(setting)) as store:
        while time.time() < moment:
            time.sleep(0.001)
        report.put(asyncio.run(_contend(Dying(store, step, is_faulty=is_faulty), step, limits, settles=settles)))
    die_at(step, "settled")


async def _contend(store: Dying, step: str, limits: Mapping[str, int], *, settles: bool) -> str:
    ledger = StoredLedger(giving(store), clock=time.time, log=lambda *_: None)  # type: ignore[arg-type]
    die_at(step, "before it reserves")
    while True:
        try:
            reservation = await ledger.reserve(limited(**limits), PRICED, ESTIMATE)
        except OverBudgetError:
            return "refused"
        except ApiError:
            continue  # the caller tries again
        break
    die_at(step, "reserved")
    if settles:
        await reservation.settle(USED)
    return "admitted"
