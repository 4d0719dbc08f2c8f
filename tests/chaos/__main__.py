"""`make chaos`: every fault against `edgeway serve` with two processes, and what became of each caller.

python -m tests.chaos [--minute]

Faults of an upstream (every play of the scripted one, one answer cut at every byte, TLS, a storm of 429), of each
process (SIGKILL, SIGSTOP, SIGTERM in the middle of streams), of the clock, of the disk and of the store. After each
fault another caller is served; after each kind of faults the processes hold no descriptor, connection, task or memory
that they did not hold before, and are as many. It prints a line for each fault and a matrix of all kinds, and exits
with 1 where a cell is bad. `--minute` takes a part of the plays and of the bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import httpx

from tests.chaos import processes, stores
from tests.chaos.cells import Caller, Cell
from tests.chaos.encrypted import Encrypted, encrypted
from tests.chaos.families import AT_ONCE, HEAD, Fault, Row, Watch, once, run
from tests.chaos.truncating import ANSWER, truncating
from tests.running import EDGEWAY, Gateway, Upstream, running_server, running_upstream
from tests.soak.watching import Server
from tests.upstreams.scenarios import ANSWERS

STORM: Final = 200
"""Requests at once that are all told 429."""
SIGNALS: Final = (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL)


async def played(name: str, model: str, caller: Caller, *, stream: bool) -> Cell:
    """A fault of an upstream."""
    saw, unlawful = await caller.ask(model, stream=stream)
    return Cell(f"{name}, {'streamed' if stream else 'whole'}", saw, unlawful, await caller.fares_well())


async def expecting(model: str, expected: str, caller: Caller) -> Cell:
    """A fault of TLS, of which it is known what the caller has to see."""
    cell = await played(model, f"{model}/cut-{len(ANSWER)}", caller, stream=True)
    wrong = "" if cell.saw.endswith(expected) else f"not {expected}"
    return Cell(cell.fault, cell.saw, cell.unlawful or wrong, cell.after)


async def storm(caller: Caller) -> Cell:
    """Everybody is told 429, in the same moment."""
    asked = (caller.ask("openai/hostile/limited", stream=stream) for stream in [True, False] * (STORM // 2))
    seen = await asyncio.gather(*asked)
    saw = ", ".join(f"{times} {what}" for what, times in Counter(saw for saw, _ in seen).most_common())
    unlawful = next((why for _, why in seen if why), "")
    return Cell(f"429 for {STORM} requests at once", saw, unlawful, await caller.fares_well())


def plays(*, is_short: bool) -> Iterator[Fault]:
    """Every play of the scripted upstream, each as a stream; some also whole."""
    step = 7 if is_short else 1
    for stream in (True, False):
        for play in islice(sorted(ANSWERS), 0 if stream else step // 2, None, step):
            yield partial(played, play, f"openai/hostile/{play}", stream=stream)


def cuts(*, is_short: bool) -> Iterator[Fault]:
    """Every byte after which an answer may be cut."""
    for stream in (True, False):
        for cut in range(0, len(ANSWER) + 1, 61 if is_short else 1):
            yield partial(played, f"cut after {cut} of {len(ANSWER)} bytes", f"groq/cut-{cut}", stream=stream)


async def chaos(gateway: Gateway, folder: Path, upstream_port: int, tls: Encrypted, *, is_short: bool) -> list[Row]:
    """All of it, but for the end of the server."""
    server, store = Server(gateway.pid, upstream_port, folder), gateway.output.parent / "data" / "edgeway.db"
    clock = folder / "clock"
    async with calling(gateway) as caller:
        watch = Watch(server)
        await once(plays(is_short=is_short), caller)  # what the largest answers need stays with Python
        await watch.begin()
        signals = [
            partial(processes.signalled, number, server, position)
            for number in SIGNALS
            for position in range(1 if is_short else processes.PROCESSES)
        ]
        jumps = (partial(processes.jumped, name, by, server, clock) for name, by in processes.JUMPS.items())
        spoilt = (partial(stores.spoilt, store, is_gone=is_gone) for is_gone in (False, True))
        return [
            await run("answers of upstreams", plays(is_short=is_short), caller, watch, at_once=AT_ONCE),
            await run("an answer cut at a byte", cuts(is_short=is_short), caller, watch, at_once=AT_ONCE),
            await run(
                "TLS", (partial(expecting, *each) for each in tls.expected.items()), caller, watch, at_once=AT_ONCE
            ),
            await run("a storm of 429", [storm], caller, watch),
            await run("clock", jumps, caller, watch),
            await run("store", [partial(stores.locked, store), partial(stores.slow, store), *spoilt], caller, watch),
            await run("disk", [partial(processes.full, server)], caller, watch),
            await run("signals to processes", [*signals, partial(processes.paused, gateway.pid)], caller, watch),
        ]


@asynccontextmanager
async def calling(gateway: Gateway) -> AsyncIterator[Caller]:
    """Somebody with a key, and with another that has a budget."""
    environment = {"EDGEWAY_STORE": f"sqlite:{gateway.output.parent}/data/edgeway.db"}
    making = [str(EDGEWAY), "keys", "create", "--name", "limited", "--budget-day", "1000", "--json"]
    made = await asyncio.to_thread(subprocess.run, making, env=environment, capture_output=True, check=True)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=None, limits=limits) as client:  # noqa: S113 PATIENCE ends what hangs
        yield Caller(gateway, client, json.loads(made.stdout)["key"])


@asynccontextmanager
async def serving(upstream: Upstream, **environment: str) -> AsyncIterator[Gateway]:
    """A server of two processes."""
    running = running_server(upstream, "--processes", str(processes.PROCESSES), **environment)
    gateway = await asyncio.to_thread(running.__enter__)
    try:
        yield gateway
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


async def main(*, is_short: bool) -> int:
    """Return the exit status."""
    begun = time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="edgeway-chaos-") as name, running_upstream() as upstream:
        folder = Path(name)
        async with truncating() as address, encrypted(folder) as tls:
            environment = {
                "PYTHONPATH": str(Path(__file__).parents[1] / "soak" / "inside"),
                "SOAK_TASKS": name,
                "CHAOS_CLOCK": f"{folder}/clock",
                "EDGEWAY_CONFIG": str(tls.configuration),
                "SSL_CERT_FILE": str(tls.trusted),
                "GROQ_API_KEY": "gsk-chaos",
                "GROQ_BASE_URL": address,
            }
            async with serving(upstream, **environment) as gateway:
                port = int(upstream.url.rpartition(":")[2])
                rows += await chaos(gateway, folder, port, tls, is_short=is_short)
            cells: list[Cell] = []
            for number in (signal.SIGTERM, signal.SIGKILL):
                async with serving(upstream, **environment) as gateway, calling(gateway) as caller:
                    cells.append(await processes.ended(number, gateway.pid, caller))
                    print(cells[-1].row(), flush=True)  # noqa: T201
            rows.append(Row("the end of the server", cells, ""))
    told(rows, time.monotonic() - begun)
    return 0 if all(row.is_well for row in rows) else 1


def told(rows: Sequence[Row], seconds: float) -> None:
    """Print the matrix."""
    faults = [cell for row in rows for cell in row.cells]
    bad = sum(not cell.is_well for cell in faults) + sum(bool(row.left) for row in rows)
    print("\n".join([HEAD, *(row.markdown() for row in rows)]))  # noqa: T201
    print(f"{len(faults)} faults, {bad} bad, in {seconds:.0f} s")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minute", action="store_true", help="a part of the plays and of the bytes")
    sys.exit(asyncio.run(main(is_short=parser.parse_args().minute)))
