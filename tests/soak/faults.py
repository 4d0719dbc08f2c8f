"""What is done to the store and to the processes while callers spend."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from collections.abc import Callable
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
    lock_store: Callable[[float], None]
    """Lets nobody write into the store for so many seconds; it blocks as long."""
    kills: list[int] = field(default_factory=list)
    """When, in nanoseconds of the monotonic clock."""

    async def happen(self, seconds: float, booked_after: float) -> None:
        """One after another, in each cycle. What a killed process leaves is booked after so many seconds."""
        begun = time.monotonic()
        while (cycle := time.monotonic()) < begun + seconds - CYCLE:
            await asyncio.sleep(CYCLE / 3)
            if time.monotonic() < begun + seconds - booked_after + CYCLE:  # so that nobody waits long in the end
                await self.kill()
            await asyncio.sleep(CYCLE / 3)
            await self.lock()
            await self.stop()
            await asyncio.sleep(max(0.0, cycle + CYCLE - time.monotonic()))

    async def kill(self) -> None:
        """End a process at once."""
        victim = await self._one()
        self.kills.append(time.monotonic_ns())
        victim.kill()
        say("a process is killed")

    async def stop(self) -> None:
        """Let a process stand still."""
        victim = await self._one()
        victim.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STOPPED_SECONDS)
        victim.send_signal(signal.SIGCONT)

    async def lock(self) -> None:
        """Let nobody write into the store."""
        await asyncio.to_thread(self.lock_store, LOCKED_SECONDS)
        say(f"the store was locked for {LOCKED_SECONDS:g} s")

    async def _one(self) -> psutil.Process:
        """Any of them. On a busy machine one that was killed may take its time to be replaced."""
        while not (found := self._processes()):  # noqa: ASYNC110 nobody tells when one has started
            await asyncio.sleep(0.5)
        return random.choice(found)

    def _processes(self) -> list[psutil.Process]:
        return [process for process in psutil.Process(self.gateway.pid).children() if SERVING in process.cmdline()]


def locked(file: Path, seconds: float) -> None:
    """Write into the embedded store's file, and nothing."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


def halted(pid: int, seconds: float) -> None:
    """Let the store's process stand still."""
    process = psutil.Process(pid)
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)
