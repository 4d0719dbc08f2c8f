"""Processes that contend for one budget, some of which are killed between two steps.

They are forks of a process of its own, which has one thread and waits for each of them by its number: no signal that
whoever started the tests has blocked, and no lock that a killed process holds, can keep it waiting.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Final

from gateway.aws.types import AwsError
from gateway.money.ledger import StoredLedger
from gateway.money.refusals import OverBudgetError
from gateway.storage.open import open_store
from gateway.storage.protocol import Change, Item, Store
from translator.anthropic.errors import ApiError

from tests.running import ROOT
from tests.unit.gateway.money.accounts import ESTIMATE, PRICED, USED, giving, limited

LIMIT: Final = 60.0
"""Seconds for all of them."""
OUTCOMES: Final = {0: "admitted", 10: "refused", -signal.SIGKILL: "killed"}
"""By what a process ends with."""
ENDS_WITH: Final = {outcome: status for status, outcome in OUTCOMES.items()}

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


@dataclass(frozen=True, slots=True)
class Contest:
    """Whom the processes contend for: one process for each step, which says where it is killed, or `none`."""

    setting: str
    steps: Sequence[str]
    limits: Mapping[str, int]
    is_faulty: bool = False
    settles: bool = False

    def outcomes(self) -> Counter[str]:
        """How many processes have ended in which way."""
        ran = subprocess.run(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            input=json.dumps(asdict(self)),
            stdout=subprocess.PIPE,
            text=True,
            timeout=LIMIT,
            check=True,
        )
        return Counter(json.loads(ran.stdout))

    def held(self) -> Counter[str]:
        """The same, of processes that are forks of this one."""
        moment = time.time() + len(self.steps) / 25
        pids = [os.fork() or self._end_as(step, moment) for step in self.steps]
        statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        return Counter(OUTCOMES.get(status, f"ended with {status}") for status in statuses)

    def _end_as(self, step: str, moment: float) -> int:
        """Contend at the moment, and end with what came of it. It never returns."""
        try:
            outcome = self._contended(step, moment)
        except BaseException:  # noqa: BLE001 a fork must not go on as if it were the process that made it
            traceback.print_exc()
            os._exit(1)
        os._exit(ENDS_WITH[outcome])

    def _contended(self, step: str, moment: float) -> str:
        with asyncio.Runner() as runner, closing(open_store(self.setting)) as store:
            time.sleep(max(0.0, moment - time.time()))
            dying = Dying(store, step, is_faulty=self.is_faulty)
            outcome = runner.run(_contend(dying, step, self.limits, settles=self.settles))
        die_at(step, "settled")
        return outcome


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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Contest(**json.load(sys.stdin)).held()))
