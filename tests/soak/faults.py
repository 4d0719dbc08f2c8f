"""What is done to the store and to the processes while callers spend."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests.running import Gateway
from tests.soak.__main__ import say
from tests.soak.watching import SERVING

CYCLE: Final = 15.0
"""In so many seconds each fault comes once."""
LOCKED_SECONDS: Final = 3.0
STOPPED_SECONDS: Final = 1.0


@dataclass(slots=True)
class Faults:
    """Those of one server and its store."""

    gateway: Gateway
    store: Path
    kills: list[int] = field(default_factory=list)
    """When, in nanoseconds of the monotonic clock."""

    async def happen(self, seconds: float, booked_after: float) -> None:
        """One after another, in each cycle. What a killed process leaves is booked after so many seconds."""
        begun = time.monotonic()
        while (cycle := time.monotonic()) < begun + seconds - CYCLE:
            await asyncio.sleep(CYCLE / 3)
            if time.monotonic() < begun + seconds - booked_after + CYCLE:  # so that nobody waits long in the end
                self.kill()
            await asyncio.sleep(CYCLE / 3)
            await self.lock()
            await self.stop()
            await asyncio.sleep(max(0.0, cycle + CYCLE - time.monotonic()))

    def kill(self) -> None:
        """End a process at once."""
        victim = random.choice(self._processes())
        self.kills.append(time.monotonic_ns())
        victim.kill()
        say("a process is killed")

    async def stop(self) -> None:
        """Let a process stand still."""
        victim = random.choice(self._processes())
        victim.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STOPPED_SECONDS)
        victim.send_signal(signal.SIGCONT)

    async def lock(self) -> None:
        """Let nobody write into the store."""
        await asyncio.to_thread(_locked, self.store)
        say(f"the store was locked for {LOCKED_SECONDS:g} s")

    def _processes(self) -> list[psutil.Process]:
        return [process for process in psutil.Process(self.gateway.pid).children() if SERVING in process.cmdline()]


def _locked(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(LOCKED_SECONDS)
        other.execute("ROLLBACK")
