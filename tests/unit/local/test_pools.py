"""A pool over processes that the test plays: what is forked when, and who is told what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edgeway.local.answers import Answer
from edgeway.local.asgi import Message
from edgeway.local.failures import Failure
from edgeway.local.fork_server import ForkServerEvents
from edgeway.local.generations import Clients
from edgeway.local.invocations import Invocation
from edgeway.local.pools import Limits, Pool
from edgeway.local.routes import Match
from edgeway.local.template import Function, Route
from edgeway.local.workers import Poll, Worker

pytestmark = pytest.mark.anyio

ROUTE = Route("POST", "/", streams=True)
FUNCTION = Function("F", Path(), "app.handler", 60, 128, {}, (), (ROUTE,))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FakeProcesses:
    """Notes what is asked of it."""

    def __init__(self, events: ForkServerEvents, starts: Callable[[ForkServerEvents], None]) -> None:
        self.events = events
        self.forked: list[str] = []
        self.ended: list[str] = []
        self._starts = starts

    async def start(self) -> None:
        self._starts(self.events)

    def fork(self, worker_id: str) -> None:
        self.forked.append(worker_id)

    def close(self) -> None:
        self.ended.append("closed")

    async def wait_closed(self, grace_seconds: float) -> None:
        pass

    def kill(self) -> None:
        self.ended.append("killed")


def ready(events: ForkServerEvents) -> None:
    events.ready()


class Play:
    """A pool with fake processes."""

    def __init__(self, limits: Limits, starts: Callable[[ForkServerEvents], None]) -> None:
        self.made: list[FakeProcesses] = []
        self.lines: list[str] = []
        self._starts = starts
        self._clients = Clients()
        self.pool = Pool(FUNCTION, limits, self._launch, self._clients, self.lines.append)

    def _launch(self, function: Function, client_id: str, events: ForkServerEvents) -> FakeProcesses:
        self.made.append(FakeProcesses(events, self._starts))
        return self.made[-1]

    @property
    def processes(self) -> FakeProcesses:
        return self.made[-1]

    def worker(self, number: int) -> Worker:
        """Return the worker that was forked as the number says, from 0."""
        return self._clients.workers[self.processes.forked[number]]

    def poll(self, number: int) -> Poll:
        return self.worker(number).poll()

    def exit(self, number: int, status: int = 0) -> None:
        self.processes.events.exited(self.processes.forked[number], status)

    def submit(self) -> Invocation:
        invocation = Invocation(Match(FUNCTION, ROUTE, "/", {}), b"{}", Answer(_send, "req_1"))
        self.pool.submit(invocation)
        return invocation


async def _send(_message: Message) -> None:
    """Nobody is called in these tests."""


@asynccontextmanager
async def playing(
    limits: Limits | None = None, starts: Callable[[ForkServerEvents], None] = ready
) -> AsyncIterator[Play]:
    play = Play(limits or Limits(), starts)
    await play.pool.start(FUNCTION)
    yield play
    await play.pool.close()


def failure(invocation: Invocation) -> Failure:
    told = invocation.ended.result()
    assert told is not None
    return told


async def test_the_first_worker_is_forked_before_anybody_asks() -> None:
    async with playing() as play:
        assert len(play.processes.forked) == 1


async def test_a_worker_is_forked_for_each_caller_who_waits() -> None:
    async with playing() as play:
        for _ in range(3):
            play.submit()
        assert len(play.processes.forked) == 3


async def test_no_more_are_forked_than_the_limit_allows() -> None:
    async with playing(Limits(workers=2)) as play:
        for _ in range(3):
            play.submit()
        assert len(play.processes.forked) == 2


async def test_callers_are_served_in_the_order_of_their_coming() -> None:
    async with playing(Limits(workers=1)) as play:
        first, second = play.submit(), play.submit()
        assert play.poll(0).result() is first
        first.end()
        assert play.poll(0).result() is second


async def test_the_last_to_become_idle_serves_next() -> None:
    async with playing() as play:
        play.submit()
        play.submit()
        assert (play.poll(0).done(), play.poll(1).done()) == (True, True)
        older, newer = play.poll(0), play.poll(1)
        invocation = play.submit()
        assert newer.result() is invocation
        assert not older.done()


async def test_a_worker_that_asks_twice_is_one_worker() -> None:
    async with playing() as play:
        lost, kept = play.poll(0), play.poll(0)
        assert lost.result() is None
        invocation = play.submit()
        assert kept.result() is invocation
        play.submit()
        assert len(play.processes.forked) == 2  # the second caller found nobody idle


async def test_a_worker_that_never_starts_costs_one_caller() -> None:
    async with playing(Limits(workers=1)) as play:
        unlucky, next_in_line = play.submit(), play.submit()
        play.exit(0, status=1)
        assert failure(unlucky).status == 500
        assert not next_in_line.over
        assert len(play.processes.forked) == 2


async def test_a_worker_that_asks_again_without_an_answer_has_failed_its_caller() -> None:
    async with playing() as play:
        invocation = play.submit()
        assert play.poll(0).result() is invocation
        assert not play.poll(0).done()
        assert failure(invocation).type == "api_error"


async def test_the_room_of_a_worker_that_has_gone_is_used() -> None:
    async with playing(Limits(workers=1)) as play:
        gone, waiting = play.submit(), play.submit()
        assert play.poll(0).result() is gone
        play.pool.withdraw(gone)
        assert len(play.processes.forked) == 1  # it has been told to go, and is still there
        play.exit(0)
        assert len(play.processes.forked) == 2
        assert not waiting.over


async def test_who_waits_is_told_when_the_function_cannot_start() -> None:
    def fails(events: ForkServerEvents) -> None:
        events.gone(-11)

    async with playing(starts=fails) as play:
        assert play.lines == [
            "cannot start: it ended with signal SIGSEGV before it was ready. Its next change is tried"
        ]
        assert failure(play.submit()).message == "F cannot start; the reason is in the server's log"


async def test_what_cannot_even_be_executed_cannot_start() -> None:
    def fails(_events: ForkServerEvents) -> None:
        raise PermissionError("bootstrap is not executable")

    async with playing(starts=fails) as play:
        assert play.lines == ["cannot start: bootstrap is not executable. Its next change is tried"]


async def test_a_function_that_takes_for_ever_to_import_is_given_up() -> None:
    async with playing(Limits(start=0), starts=lambda _events: None) as play:
        assert play.processes.ended == ["killed"]
        assert failure(play.submit()).status == 500


async def test_a_newer_generation_takes_over() -> None:
    async with playing() as play:
        old, old_worker = play.processes, play.worker(0)
        running = play.submit()
        assert old_worker.poll().result() is running
        await play.pool.start(FUNCTION)
        assert old.ended == []  # it has an invocation to finish
        running.end()
        assert not old_worker.poll().done()  # nothing more for this one
        waiting = play.submit()
        assert play.poll(0).result() is waiting
        old.events.exited(old_worker.id, 0)
        assert old.ended == ["closed"]


async def test_what_became_of_older_source_does_not_touch_the_newer() -> None:
    def starts_but_is_not_ready(_events: ForkServerEvents) -> None:
        pass

    play = Play(Limits(), starts_but_is_not_ready)
    older = asyncio.create_task(play.pool.start(FUNCTION))
    await asyncio.sleep(0)
    newer = asyncio.create_task(play.pool.start(FUNCTION))
    await older  # it is settled: nobody waits for what is retired
    waiting = play.submit()
    play.made[-2].events.gone(1)
    assert not waiting.over
    play.processes.events.ready()
    await newer
    assert play.poll(0).result() is waiting
    await play.pool.close()
