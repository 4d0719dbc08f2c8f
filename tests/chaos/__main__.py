"""`make chaos`: every fault against `edgeway serve` with two processes, and what became of each caller.

python -m tests.chaos [--minute]

Faults of an upstream (every play of the scripted one, and one answer cut at every byte), of the processes (SIGKILL,
SIGSTOP, SIGTERM in the middle of streams) and of the store (locked, spoilt, gone). After each fault another caller is
served; at the end the processes hold no descriptor, connection or task that they did not hold before. It prints a line
for each, and exits with 1 where one is bad. `--minute` takes a part of the plays and of the bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import httpx

from tests.chaos.cells import BROKEN_OFF, Caller, Cell
from tests.chaos.truncating import ANSWER, truncating
from tests.running import Gateway, running_server, running_upstream
from tests.soak.watching import Rest, Server, settled
from tests.upstreams.scenarios import ANSWERS

AT_ONCE: Final = 8
SETTLE_SECONDS: Final = 20.0
PROCESSES: Final = 2
STREAMS: Final = 12
"""That run while something is done to a process."""

Fault = Callable[[Caller], Awaitable[Cell]]


async def played(name: str, model: str, caller: Caller, *, stream: bool) -> Cell:
    """A fault of an upstream."""
    saw, unlawful = await caller.ask(model, stream=stream)
    return Cell(f"{name}, {'streamed' if stream else 'whole'}", saw, unlawful, await caller.fares_well())


def of_upstreams(*, is_short: bool) -> Iterator[Fault]:
    """Every play, and every byte after which an answer may be cut."""
    step = 7 if is_short else 1
    cuts = range(0, len(ANSWER) + 1, 61 if is_short else 1)
    for stream in (True, False):
        for play in islice(sorted(ANSWERS), 0 if stream else step // 2, None, step):
            yield partial(played, play, f"openai/hostile/{play}", stream=stream)
        for cut in cuts:
            yield partial(played, f"cut after {cut} of {len(ANSWER)} bytes", f"groq/cut-{cut}", stream=stream)


async def of_a_process(number: signal.Signals, server: Server, caller: Caller) -> Cell:
    """A signal to one of the processes while streams run: its own callers may be cut off, nobody else."""
    asked = [asyncio.create_task(caller.ask("groq/slow", stream=True)) for _ in range(STREAMS)]
    await asyncio.sleep(1)
    victim = max(server.processes(), key=lambda process: len(process.net_connections("tcp")))  # who serves the most
    victim.send_signal(number)
    if number is signal.SIGSTOP:
        await asyncio.sleep(1)
        victim.send_signal(signal.SIGCONT)
    seen = await asyncio.gather(*asked)
    saw = ", ".join(f"{times} {what}" for what, times in Counter(saw for saw, _ in seen).most_common())
    may_be_cut = number is signal.SIGKILL
    unlawful = next((why for saw, why in seen if why and not (may_be_cut and saw == BROKEN_OFF)), "")
    until = time.monotonic() + SETTLE_SECONDS
    while len(server.processes()) < PROCESSES and time.monotonic() < until:  # noqa: ASYNC110 another program's
        await asyncio.sleep(0.2)
    return Cell(f"{number.name} to a process, {STREAMS} streams", saw, unlawful, await caller.fares_well())


async def locked(store: Path, caller: Caller) -> Cell:
    """Somebody else holds the store for a second."""
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asked = asyncio.create_task(caller.ask("openai/hostile/plain", stream=True))
        await asyncio.sleep(1)
        other.execute("ROLLBACK")
        saw, unlawful = await asked
    return Cell("the store is locked for a second", saw, unlawful, await caller.fares_well())


async def spoilt(store: Path, caller: Caller, *, is_gone: bool) -> Cell:
    """The store's file is overwritten, or gone. What is remembered of a key holds for half a minute."""
    kept = await asyncio.to_thread(store.read_bytes)
    await asyncio.to_thread(store.unlink if is_gone else partial(store.write_bytes, b"no database" * 1000))
    saw, unlawful = await caller.ask("openai/hostile/plain", stream=True)
    await asyncio.to_thread(store.write_bytes, kept)
    return Cell(f"the store is {'gone' if is_gone else 'spoilt'}", saw, unlawful, await caller.fares_well())


async def chaos(gateway: Gateway, tasks: Path, upstream_port: int, *, is_short: bool) -> Sequence[Cell]:
    """All of it."""
    server = Server(gateway.pid, upstream_port, tasks)
    store = gateway.output.parent / "data" / "edgeway.db"
    async with httpx.AsyncClient(timeout=None, limits=httpx.Limits(max_keepalive_connections=0)) as client:  # noqa: S113
        caller = Caller(gateway, client)
        cells: list[Cell] = []
        faults = list(of_upstreams(is_short=is_short))
        before: Sequence[Rest] = []
        for start in range(0, len(faults), AT_ONCE):
            if not before and start > len(faults) // 2:  # what is opened when it is first needed is open
                before = await asyncio.to_thread(server.rest)
            done = await asyncio.gather(*(fault(caller) for fault in faults[start : start + AT_ONCE]))
            cells += [said(cell) for cell in done]
        problems = await settled(server, before, SETTLE_SECONDS)
        held = "; ".join(problems)
        cells.append(said(Cell("descriptors, connections, tasks after all that", "as before", held)))
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
            cells.append(said(await of_a_process(number, server, caller)))
        cells.append(said(await locked(store, caller)))
        for is_gone in (False, True):
            cells.append(said(await spoilt(store, caller, is_gone=is_gone)))
    return cells


def said(cell: Cell) -> Cell:
    """The cell, printed."""
    print(cell.row(), flush=True)  # noqa: T201
    return cell


async def main(*, is_short: bool) -> int:
    """Return the exit status."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="edgeway-chaos-") as folder, running_upstream() as upstream:
        async with truncating() as address:
            environment = {
                "PYTHONPATH": str(Path(__file__).parents[1] / "soak" / "inside"),
                "SOAK_TASKS": folder,
                "GROQ_API_KEY": "gsk-chaos",
                "GROQ_BASE_URL": address,
            }
            serving = running_server(upstream, "--processes", str(PROCESSES), **environment)
            gateway = await asyncio.to_thread(serving.__enter__)
            try:
                port = int(upstream.url.rpartition(":")[2])
                cells = await chaos(gateway, Path(folder), port, is_short=is_short)
            finally:
                await asyncio.to_thread(serving.__exit__, None, None, None)
    bad = sum(not cell.is_well for cell in cells)
    print(f"{len(cells)} faults, {bad} bad, in {time.monotonic() - begun:.0f} s")  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minute", action="store_true", help="a part of the plays and of the bytes")
    sys.exit(asyncio.run(main(is_short=parser.parse_args().minute)))
