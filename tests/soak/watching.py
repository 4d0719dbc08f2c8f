"""What the processes of a server hold while it is soaked, and what they must not go on holding."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from tests.load.processes import MEGABYTE

SERVING: Final = "edgeway.local.processes.process"
BASELINE: Final = (0.45, 0.6)
"""The part of the run that the last part of it is compared with: the process that was killed has been replaced, and
what is kept on purpose has been filled."""
LAST: Final = (0.85, 1.0)
GROWTH: Final = 1.1
GROWTH_MEGABYTES: Final = 5
"""What may be added on top."""
KEPT_CONNECTIONS: Final = 100
"""Idle connections to upstreams, in each process."""
ANSWER_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A process at a moment."""

    at: float
    """The part of the run that was over."""
    pid: int
    megabytes: float
    """Its own alone (USS): what is shared changes with the number of those who share it."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What a process holds when nobody calls."""

    descriptors: int
    """But for idle connections to the upstream."""
    upstream_connections: int
    tasks: int


class Server:
    """The processes that serve, below the one that was started."""

    def __init__(self, pid: int, upstream_port: int, tasks: Path) -> None:
        self._root = psutil.Process(pid)
        self._upstream_port = upstream_port
        self._tasks = tasks

    def processes(self) -> list[psutil.Process]:
        """Those that serve, oldest first."""
        return [process for process in self._root.children() if SERVING in process.cmdline()]

    def sample(self, at: float) -> list[Sample]:
        """What each of them holds now."""
        return list(self._samples(at))

    def _samples(self, at: float) -> Iterator[Sample]:
        for process in self.processes():
            try:
                yield Sample(at, process.pid, process.memory_full_info().uss / MEGABYTE)
            except psutil.NoSuchProcess:
                continue

    def rest(self) -> list[Rest]:
        """What each of them holds; nobody calls."""
        return [self._rest(process) for process in self.processes()]

    def _rest(self, process: psutil.Process) -> Rest:
        upstream = sum(
            bool(connection.raddr) and connection.raddr.port == self._upstream_port
            for connection in process.net_connections("tcp")
        )
        return Rest(process.num_fds() - upstream, upstream, self._count_tasks(process))

    def _count_tasks(self, process: psutil.Process) -> int:
        """Ask the process (tests/soak/inside)."""
        told = self._tasks / str(process.pid)
        told.unlink(missing_ok=True)
        process.send_signal(signal.SIGUSR2)
        until = time.monotonic() + ANSWER_SECONDS
        while not (told.exists() and (written := told.read_text(encoding="ascii")).endswith("\n")):
            assert time.monotonic() < until, "a process does not say how many tasks it has"
            time.sleep(0.01)
        return int(written)


def growth(samples: Sequence[Sample]) -> list[str]:
    """The processes that held more in the end than before."""
    found = []
    for pid in sorted({sample.pid for sample in samples}):
        before, after = (_typical(samples, pid, part) for part in (BASELINE, LAST))
        if before is not None and after is not None and after > before * GROWTH + GROWTH_MEGABYTES:
            found.append(f"a process has grown from {before:.0f} to {after:.0f} MB")
    return found


def _typical(samples: Sequence[Sample], pid: int, part: tuple[float, float]) -> float | None:
    start, end = part
    held = [sample.megabytes for sample in samples if sample.pid == pid and start <= sample.at <= end]
    return median(held) if held else None


def lost(before: Sequence[Rest], after: Sequence[Rest]) -> list[str]:
    """What the processes hold, and held not at their start: one may have been replaced meanwhile."""
    found = []
    if len(after) != len(before):
        found.append(f"{len(after)} processes serve, not {len(before)}")
    descriptors, tasks = max(rest.descriptors for rest in before), max(rest.tasks for rest in before)
    for rest in after:
        if rest.descriptors > descriptors:
            found.append(f"{rest.descriptors} descriptors are open, {descriptors} were at the start")
        if rest.tasks > tasks:
            found.append(f"{rest.tasks} tasks are left, {tasks} were at the start")
        if rest.upstream_connections > KEPT_CONNECTIONS:
            found.append(f"{rest.upstream_connections} connections to the upstream are kept")
    return found


async def settled(server: Server, before: Sequence[Rest], seconds: float) -> list[str]:
    """What is lost, once nothing is or the time is over: the last callers have only just gone."""
    until = time.monotonic() + seconds
    found = lost(before, await asyncio.to_thread(server.rest))
    while found and time.monotonic() < until:
        await asyncio.sleep(0.5)
        found = lost(before, await asyncio.to_thread(server.rest))
    return found
