"""What many streams at once hold, and how long a hang-up takes to reach the upstream."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
import uvloop

from tests.bench.conftest import Report
from tests.bench.figures import Figure, quantile
from tests.bench.test_whole_path import Scenario, later_transits
from tests.load.callers import MESSAGES, Connection, Load, Target, load, question
from tests.load.play import Play
from tests.load.processes import FastUpstream, memory, tree
from tests.running import Gateway, running_gateway, running_server

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

COUNTS, FEW_COUNTS = (50, 200, 1000), (50, 200)
PACE = Play(100, pause=100)
ON_ONE_CORE, FEW_ON_ONE_CORE = (250, 500, 1000, 1500, 2000), (50, 200)
LASTING, ARRIVAL = Play(200, pause=100), 10
"""Streams of 20 seconds whose callers come within ten: all of them are there for ten."""
MOST_AT_REST = 80
"""Megabytes of one process and its supervisor; this and what follows is what the engine has to reach."""
MOST_MILLISECONDS = 50


@dataclass(frozen=True, slots=True)
class Size:
    """How large requests are, and the seconds in which all of them arrive."""

    name: str
    body: Mapping[str, Any]
    arrival: float
    most: float
    """Megabytes that 1,000 streams may hold."""


SMALL = Size("small requests", question(PACE, stream=True), 0, 150)
LONG = Size("requests of 100 KB", Scenario("", PACE, 1, 1, (), is_long=True).messages_request(), 10, 300)


def test_memory_at_rest(upstream: FastUpstream, report: Report) -> None:
    with running_gateway(upstream) as gateway:
        report(Figure("memory at rest, one process", "MB", memory(gateway.pid), goal=MOST_AT_REST))


@pytest.mark.parametrize("size", [SMALL, LONG], ids=lambda size: size.name)
def test_memory_with_many_streams(size: Size, upstream: FastUpstream, quick: bool, report: Report) -> None:
    with running_server(upstream, "--processes", "2") as gateway:
        target = Target.at(gateway.url, MESSAGES, x_api_key=gateway.key)
        message = target.message(size.body)
        for count in FEW_COUNTS if quick else COUNTS:
            got, peak = uvloop.run(watched(target, message, count, size.arrival, gateway.pid))
            assert not got.failures
            assert [answer.deltas for answer in got.answers] == [PACE.chunks] * count
            goal = size.most if count == max(COUNTS) else None
            report(Figure(f"memory with {count:,} streams, {size.name}, two processes", "MB", peak, goal=goal))
            late = quantile(later_transits(got), 0.99)
            report(Figure(f"{count:,} streams, {size.name}: transit p99, but for first chunks", "ms", late))


async def watched(target: Target, message: bytes, count: int, arrival: float, pid: int) -> tuple[Load, float]:
    """The load of so many streams, and the most memory that was seen meanwhile."""
    running = asyncio.create_task(load(target, message, callers=count, requests=count, arrival=arrival))
    peak = 0.0
    while not running.done():
        peak = max(peak, await asyncio.to_thread(memory, pid))
        await asyncio.wait([running], timeout=0.5)
    return await running, peak


def test_how_many_streams_one_core_holds(upstream: FastUpstream, quick: bool, report: Report) -> None:
    """The server has a core of its own, callers and upstream the others. It holds as many as have each chunk arrive,
    but for one in a hundred, before the upstream writes the next.
    """
    own, *others = sorted(os.sched_getaffinity(0))
    if not others:
        pytest.skip("the callers need a core of their own")
    holds = 0
    with running_server(upstream, "--processes", "1") as gateway, pinned([os.getpid(), upstream.pid], others):
        for process in tree(gateway.pid):
            process.cpu_affinity([own])
        target = Target.at(gateway.url, MESSAGES, x_api_key=gateway.key)
        run_alone(target)
        message = target.message(question(LASTING, stream=True))
        for count in FEW_ON_ONE_CORE if quick else ON_ONE_CORE:
            used = processor_seconds(gateway.pid)
            got, peak = uvloop.run(watched(target, message, count, ARRIVAL, gateway.pid))
            assert not got.failures
            chunks = sum(answer.deltas for answer in got.answers)
            each = (processor_seconds(gateway.pid) - used) / chunks * 1e6
            late = quantile(later_transits(got), 0.99)
            spent = f"{each:.0f} µs of it for each chunk, {peak:.0f} MB"
            report(Figure(f"{count:,} streams on one core ({spent}): transit p99", "ms", late))
            holds = count if late < LASTING.pause else holds
    report(Figure(f"a chunk every {LASTING.pause} ms: what one core holds", "streams", holds))


def run_alone(target: Target) -> None:
    """What is read when it is first needed is read: a stream that lasts has its tokens counted."""
    uvloop.run(load(target, target.message(question(Play(10, pause=100), stream=True)), callers=1, requests=4))


@contextmanager
def pinned(pids: Sequence[int], cores: Sequence[int]) -> Iterator[None]:
    """These processes run on these cores for as long as the block lasts."""
    before = {pid: os.sched_getaffinity(pid) for pid in pids}
    try:
        for pid in pids:
            os.sched_setaffinity(pid, cores)
        yield
    finally:
        for pid, had in before.items():
            os.sched_setaffinity(pid, had)


def processor_seconds(pid: int) -> float:
    """Of a process and all that it has started."""
    return sum(times.user + times.system for times in (process.cpu_times() for process in tree(pid)))


@pytest.mark.parametrize("way", ["local", "server"])
def test_a_hang_up_closes_the_upstreams_connection(
    way: str, upstream: FastUpstream, request: pytest.FixtureRequest, quick: bool, report: Report
) -> None:
    gateway: Gateway = request.getfixturevalue(way)
    target = Target.at(gateway.url, MESSAGES, x_api_key=gateway.key)
    taken = uvloop.run(hang_ups(target, upstream, way, 5 if quick else 40))
    name = {"local": "edgeway local", "server": "edgeway serve"}[way]
    report(Figure(f"a hang-up, until the upstream's connection is closed, {name}: p50", "ms", median(taken)))
    longest = max(taken)
    report(Figure(f"the same, the longest of {len(taken)}", "ms", longest, goal=MOST_MILLISECONDS))


async def hang_ups(target: Target, upstream: FastUpstream, way: str, count: int) -> list[float]:
    """Milliseconds from each caller's hanging up to the end of the connection that the upstream has."""
    left: dict[str, int] = {}
    for number in range(count):
        tag = f"{way}-{number}"
        connection = await Connection.open(target)
        connection.send(target.message(question(Play(600, pause=50, tag=tag), stream=True)))
        while not connection.answer.deltas:
            await connection.change()
        left[tag] = time.monotonic_ns()
        connection.close()
    closed: dict[str, int] = {}
    while left.keys() - closed.keys():
        assert time.monotonic_ns() < max(left.values()) + 10e9, "a connection stays open"
        closed = await asyncio.to_thread(lambda: upstream.state().closed)
    return [(closed[tag] - when) / 1e6 for tag, when in left.items()]
