"""Runs a second candidate beside a slow one: whose content comes first is the answer, and the other is hung up on.

docs/routing.md says when, and at whose cost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from translator.anthropic.errors import ApiError, Fault

from gateway.answering.lane import Lane
from gateway.answering.open_answer import OpenAnswer
from gateway.routing.resolve import Candidate
from gateway.web.uninterrupted import uninterrupted


class Hedge(Protocol):
    """When a second candidate is asked beside a slow one, for the requests of one route."""

    def after(self, candidate: Candidate) -> float | None:
        """Seconds without content after which one is; None: too little is known of the candidate."""

    def note(self, candidate: Candidate, seconds: float) -> None:
        """Take over how long the candidate took to its first content, or that it took longer than so long."""


class Race:
    """`lanes` holds the first; while both run, both; at the end who has answered, or was the last to fail.

    `ask` ends in an answer or an `ApiError`; `give_up` books what a lane may have cost, once.
    """

    def __init__(
        self,
        lanes: list[Lane],
        *,
        ask: Callable[[Lane], Coroutine[Any, Any, OpenAnswer]],
        give_up: Callable[[Lane], Awaitable[None]],
    ) -> None:
        self._lanes = lanes
        self._ask = ask
        self._give_up = give_up
        self._tasks: dict[asyncio.Task[OpenAnswer], Lane] = {}

    async def answer(
        self, after: float, second: Callable[[], Awaitable[Lane | None]], failures: list[ApiError]
    ) -> OpenAnswer:
        """The answer of whose content comes first. Raises the last error; one that came before is put to the others.

        An error that is no fault of the upstream's ends both at once.
        """
        try:
            self._begin(self._lanes[0])
            await asyncio.wait(self._tasks, timeout=after)
            if not any(task.done() for task in self._tasks) and (lane := await second()) is not None:
                self._lanes.append(lane)
                self._begin(lane)
            answer = await self._first(failures)
        except BaseException:
            await uninterrupted(self._hang_up(is_outrun=False))
            raise
        try:
            await uninterrupted(self._hang_up(is_outrun=True))
        except BaseException:
            await uninterrupted(self._drop(self._lanes[0], answer))
            raise
        return answer

    def _begin(self, lane: Lane) -> None:
        self._tasks[asyncio.create_task(self._ask(lane))] = lane

    async def _first(self, failures: list[ApiError]) -> OpenAnswer:
        while True:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in [each for each in self._tasks if each.done()]:
                lane = self._tasks.pop(task)
                try:
                    answer = task.result()
                except ApiError as error:
                    if not self._tasks or error.fault is not Fault.UPSTREAM:
                        raise
                    failures.append(error)
                    self._lanes.remove(lane)
                else:
                    self._lanes[:] = [lane]
                    return answer

    async def _hang_up(self, *, is_outrun: bool) -> None:
        """Close the connections of those that still run, and book what they may have cost."""
        for task, lane in self._tasks.items():
            lane.is_outrun = is_outrun
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for task, lane in self._tasks.items():
            if not task.cancelled() and task.exception() is None:
                await self._drop(lane, task.result())
            await self._give_up(lane)  # also where it was cancelled before its first step

    async def _drop(self, lane: Lane, answer: OpenAnswer) -> None:
        """Let an answer go that has come to content, and that nobody gets."""
        lane.lost = answer.writer.final_usage()
        if lane.attempt is not None:
            lane.attempt.outcome = "outrun" if lane.is_outrun else "cancelled"
        await answer.let_go()
        await self._give_up(lane)
