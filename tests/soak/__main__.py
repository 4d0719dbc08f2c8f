"""Many paced streams at once for minutes, with callers that hang up, slow readers, and a process that is killed.

python -m tests.soak --streams 1000 --seconds 300

Every stream that ends is lawful and complete, but for those of the process that was killed; no process grows, none
keeps a descriptor or a task; the upstream's connection of every caller who has gone is closed. It says how it goes
every ten seconds, and exits with 1 where something of this does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from edgeway.local.web import descriptors
from tests.bench.figures import quantile
from tests.load.callers import MESSAGES, Target, load, question
from tests.load.play import Play
from tests.load.processes import FastUpstream, memory, running_fast_upstream
from tests.running import Gateway, running_server
from tests.soak.callers import Caller, Tally
from tests.soak.watching import Sample, Server, growth, settled

KILLED_AT = 0.2
"""The part of the run after which a process is killed."""
SAY_SECONDS = 10
SETTLE_SECONDS = 20.0
"""How long after the last caller something may still be on its way to its end."""


async def soak(gateway: Gateway, upstream: FastUpstream, tasks: Path, streams: int, seconds: float) -> list[str]:
    """What has gone wrong."""
    server = Server(gateway.pid, int(upstream.url.rpartition(":")[2]), tasks)
    target = Target.at(gateway.url, MESSAGES, x_api_key=gateway.key)
    # What is read when it is first needed is read, and what is kept is there.
    await load(target, target.message(question(Play(10, pause=100), stream=True)), callers=8, requests=32)
    await asyncio.sleep(1)
    before = await asyncio.to_thread(server.rest)
    begun = time.monotonic()
    tally, samples = Tally(), list[Sample]()
    calls = [asyncio.create_task(Caller(n, target, tally, begun + seconds).call()) for n in range(streams)]
    watch = asyncio.create_task(watched(gateway, server, tally, samples, seconds))
    await asyncio.gather(*calls)
    await watch
    problems = [f"{times} times: {problem}" for problem, times in tally.problems.most_common()]
    return [*problems, *await settled(server, before, SETTLE_SECONDS), *growth(samples), *hang_ups(tally, upstream)]


async def watched(gateway: Gateway, server: Server, tally: Tally, samples: list[Sample], seconds: float) -> None:
    """Sample what the processes hold, kill one of them, and say how it goes."""
    begun = time.monotonic()
    said = 0.0
    while (past := time.monotonic() - begun) < seconds:
        samples += await asyncio.to_thread(server.sample, past / seconds)
        if tally.killed is None and past > seconds * KILLED_AT:
            process = server.processes()[0]
            tally.killed = time.monotonic_ns()
            process.kill()
            await asyncio.to_thread(process.wait, SETTLE_SECONDS)
            tally.gone = time.monotonic_ns()
            say(f"{past:4.0f} s: a process is killed")
        if past >= said:
            said += SAY_SECONDS
            counts = ", ".join(f"{number:,} {what}" for what, number in sorted(tally.counts.items())) or "begun"
            held = await asyncio.to_thread(memory, gateway.pid)
            say(f"{past:4.0f} s: {counts}; {held:.0f} MB; {tally.problems.total()} problems")
        await asyncio.sleep(1)


def hang_ups(tally: Tally, upstream: FastUpstream) -> list[str]:
    """The upstream's connections that were not closed; how long the others took is only said."""
    state = upstream.state()
    taken = [(state.closed[tag] - when) / 1e6 for tag, when in tally.left.items() if tag in state.closed]
    if taken:
        figures = f"p50 {quantile(taken, 0.5):.1f} ms, p99 {quantile(taken, 0.99):.1f} ms"
        say(f"{len(taken):,} callers hung up; the upstream's connection was closed after {figures}")
    missing = len(tally.left) - len(taken)
    found = [f"{missing} connections to the upstream were not closed after a hang-up"] if missing else []
    return [*found, *([f"{state.open} streams of the upstream are still open"] if state.open else [])]


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201


def main(arguments: Sequence[str]) -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Hold many streams at once for minutes.")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=300)
    told = parser.parse_args(arguments)
    descriptors.raise_limit()
    with tempfile.TemporaryDirectory(prefix="edgeway-soak-") as folder, running_fast_upstream() as upstream:
        inside = {"PYTHONPATH": str(Path(__file__).parent / "inside"), "SOAK_TASKS": folder}
        with running_server(upstream, "--processes", "2", **inside) as gateway:
            problems = uvloop.run(soak(gateway, upstream, Path(folder), told.streams, told.seconds))
    for problem in problems:
        say(f"failed: {problem}")
    say(f"{told.streams} streams at once for {told.seconds:g} seconds: {'failed' if problems else 'well'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
