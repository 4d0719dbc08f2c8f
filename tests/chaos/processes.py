"""Faults of the server's processes: signals while streams run, clocks that jump, and a disk that takes nothing more."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Final

import psutil

from tests.chaos.cells import BROKEN_OFF, Caller, Cell
from tests.soak.watching import Server

PROCESSES: Final = 2
STREAMS: Final = 12
"""That run while something is done to a process."""
SETTLE_SECONDS: Final = 20.0
JUMPS: Final = {"a day ahead": 86_400, "a day back": -86_400, "ten years ahead": 315_360_000, "to 1970": -(10**12)}
"""Of the clock, in seconds. It stops at the beginning of 1970."""


async def streams_during(caller: Caller, what: str, victim: psutil.Process, number: signal.Signals) -> Cell:
    """A signal to a process while streams run: where it is killed its own callers are cut off, nobody else."""
    asked = [asyncio.create_task(caller.ask("groq/slow", stream=True)) for _ in range(STREAMS)]
    await asyncio.sleep(1)
    victim.send_signal(number)
    if number is signal.SIGSTOP:
        await asyncio.sleep(1)
        victim.send_signal(signal.SIGCONT)
    seen = await asyncio.gather(*asked)
    saw = ", ".join(f"{times} {what}" for what, times in Counter(saw for saw, _ in seen).most_common())
    may_be_cut = number is signal.SIGKILL
    unlawful = next((why for saw, why in seen if why and not (may_be_cut and saw == BROKEN_OFF)), "")
    return Cell(f"{number.name} to {what}, {STREAMS} streams", saw, unlawful)


async def signalled(number: signal.Signals, server: Server, position: int, caller: Caller) -> Cell:
    """One of the processes that serve."""
    victim = server.processes()[position]
    cell = await streams_during(caller, f"process {position + 1}", victim, number)
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:  # who ends is replaced
        serve = server.processes()
        if len(serve) == PROCESSES and (number is signal.SIGSTOP or victim not in serve):
            break
        await asyncio.sleep(0.2)
    return Cell(cell.fault, cell.saw, cell.unlawful, await caller.fares_well())


async def paused(pid: int, caller: Caller) -> Cell:
    """The process that leads the others: while it stands, they serve."""
    cell = await streams_during(caller, "the supervisor", psutil.Process(pid), signal.SIGSTOP)
    return Cell(cell.fault, cell.saw, cell.unlawful, await caller.fares_well())


async def ended(number: signal.Signals, pid: int, caller: Caller) -> Cell:
    """The end of the process that leads the others is everybody's: no process is left."""
    root = psutil.Process(pid)
    all_of_them = [root, *root.children(recursive=True)]
    cell = await streams_during(caller, "the supervisor", root, number)
    _, left = await asyncio.to_thread(psutil.wait_procs, all_of_them, SETTLE_SECONDS)
    return Cell(cell.fault, cell.saw, cell.unlawful, f"{len(left)} processes are left" if left else "")


async def jumped(name: str, seconds: int, server: Server, clock: Path, caller: Caller) -> Cell:
    """The clocks of all processes jump, and back."""
    _set(server, clock, seconds)
    saw, unlawful = await caller.ask("openai/hostile/plain", stream=True)
    whole, also = await caller.ask("openai/hostile/limited", stream=False)
    _set(server, clock, 0)
    return Cell(f"the clock jumps {name}", f"{saw}, {whole}", unlawful or also, await caller.fares_well())


async def full(server: Server, caller: Caller) -> Cell:
    """No process can make a file longer: neither the store nor the log takes anything."""
    before = [(process, process.rlimit(psutil.RLIMIT_FSIZE)) for process in server.processes()]
    for process, (_, hard) in before:
        process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
    seen = [await caller.ask("openai/hostile/plain", stream=stream) for stream in (True, False)]
    seen.append(await caller.ask("openai/hostile/plain", stream=True, is_limited=True))
    for process, limits in before:
        process.rlimit(psutil.RLIMIT_FSIZE, limits)
    saw = ", ".join(saw for saw, _ in seen)
    after = await caller.fares_well() or await caller.fares_well(is_limited=True)
    return Cell("the disk is full, for store and log", saw, next((why for _, why in seen if why), ""), after)


def _set(server: Server, clock: Path, seconds: int) -> None:
    clock.write_text(f"{seconds}\n", encoding="ascii")
    for process in server.processes():
        process.send_signal(signal.SIGURG)
