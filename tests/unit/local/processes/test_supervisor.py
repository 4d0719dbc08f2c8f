"""A supervisor over processes that the test plays: what is started when, and who is told to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from edgeway.local.processes import supervisor
from edgeway.local.processes.supervisor import Process, Supervisor

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FakeProcess(Process):
    """Does what the test says."""

    def __init__(self, *, serves: bool) -> None:
        self.unusable = ()
        self.told: list[str] = []
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._serves = serves
        if not serves:
            self.ended.set_result(1)

    async def start(self) -> bool:
        return self._serves

    async def wait(self) -> int:
        return await asyncio.shield(self.ended)

    def retire(self) -> None:
        self.told.append("retire")

    def signal(self, number: signal.Signals) -> None:
        self.told.append(number.name)
        if number is signal.SIGTERM and not self.ended.done():
            self.ended.set_result(0)


class Play:
    """A supervisor whose processes serve as the test foresees, and then always."""

    def __init__(self, processes: int, serves: Iterator[bool]) -> None:
        self.made: list[FakeProcess] = []
        self.lines: list[str] = []
        self._serves = serves
        self.supervisor = Supervisor(self._make, processes, self.lines.append, 0)

    def _make(self) -> FakeProcess:
        self.made.append(FakeProcess(serves=next(self._serves, True)))
        return self.made[-1]

    async def until_made(self, number: int) -> None:
        async with asyncio.timeout(10):
            while len(self.made) < number:  # noqa: ASYNC110
                await asyncio.sleep(0)


@asynccontextmanager
async def playing(processes: int = 1, *serves: bool) -> AsyncIterator[Play]:
    play = Play(processes, iter(serves))
    await play.supervisor.start()
    yield play
    await play.supervisor.stop()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are made, which take no time."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        if seconds:
            made.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    return made


async def test_as_many_are_started_as_are_to_serve() -> None:
    async with playing(3) as play:
        assert len(play.made) == 3
    assert [process.told for process in play.made] == [["SIGTERM"]] * 3


async def test_one_that_dies_is_started_again_in_its_place() -> None:
    async with playing(2) as play:
        play.made[0].ended.set_result(-9)
        await play.until_made(3)
        assert play.lines == ["a process ended with signal SIGKILL; another one starts in 0.1 s"]
    assert play.made[0].told == []  # its id may be another's by now


async def test_the_pause_grows_up_to_a_limit(pauses: list[float]) -> None:
    async with playing(1, *[False] * 11) as play:
        await play.until_made(12)
    assert [round(pause, 1) for pause in pauses] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]


async def test_one_that_has_lived_long_is_started_again_at_once(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "HEALTHY_SECONDS", 0)
    async with playing(1, *[False] * 3) as play:
        await play.until_made(4)
    assert pauses == [0.1, 0.1, 0.1]


async def test_processes_are_replaced_when_their_successors_serve() -> None:
    async with playing(2) as play:
        await play.supervisor.replace()
        assert [process.told for process in play.made] == [["retire"], ["retire"], [], []]
        play.made[0].ended.set_result(0)  # it has finished: nobody is missed
        while play.made[0] in play.supervisor._alive:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert [process.told for process in play.made] == [["retire"], ["retire", "SIGTERM"], ["SIGTERM"], ["SIGTERM"]]


async def test_a_successor_that_does_not_start_replaces_nobody() -> None:
    async with playing(1, True, False) as play:
        await play.supervisor.replace()
        assert play.made[0].told == []
        await asyncio.sleep(0)
        assert len(play.made) == 2


async def test_one_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(supervisor, "MARGIN_SECONDS", 0)

    class Stubborn(FakeProcess):
        def signal(self, number: signal.Signals) -> None:
            self.told.append(number.name)
            if number is signal.SIGKILL:
                self.ended.set_result(-9)

    made: list[Stubborn] = []

    def make() -> Stubborn:
        made.append(Stubborn(serves=True))
        return made[-1]

    stubborn = Supervisor(make, 1, print, 0)
    await stubborn.start()
    await stubborn.stop()
    assert [process.told for process in made] == [["SIGTERM", "SIGKILL"]]
