"""The lanes of a request: each is one candidate's way to its first content. A race runs a second beside a slow one.

Whose content comes first is the answer, and the other is hung up on. docs/routing.md says when, and at whose cost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import Usage
from translator.writing.writer import Writer

from gateway.answering.open_answer import OpenAnswer
from gateway.money.ledger import Reservation
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome, Tried
from gateway.web.uninterrupted import uninterrupted


@dataclass(slots=True)
class Attempt:
    """One call of an upstream."""

    candidate: Candidate
    dropped: tuple[str, ...]
    """The fields that this candidate could not be asked to honour."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of its answer, as soon as they have come."""
    outcome: Outcome = "under_way"
    """What it came to."""
    seconds: float = 0.0
    """To its first content, or to its failure."""

    def told(self) -> Tried:
        """As it is logged and recorded."""
        return Tried(model=self.candidate.name, outcome=self.outcome, took_ms=round(self.seconds * 1000))


@dataclass(slots=True)
class Lane:
    """Where a slow candidate is hedged, two run beside each other: nothing of one shows in the other."""

    candidate: Candidate
    reservation: Reservation
    is_second: bool = False
    """Whether it was begun beside another."""
    attempt: Attempt | None = None
    """The last."""
    writer: Writer[Any] | None = None
    """Of the last attempt."""
    pending: list[bytes] = field(default_factory=list)
    """What that has said before its first content."""
    lost: Usage | None = None
    """What the candidate may be paid for in vain; None: nothing."""
    is_outrun: bool = False
    """Whether another has had content first."""
    is_given_up: bool = False
    """Whether what is lost has been booked."""

    def take_pending(self) -> bytes:
        """What has come so far, once."""
        pieces, self.pending = self.pending, []
        return b"".join(pieces)

    def start(self) -> bytes:
        """The beginning of a stream; nothing where the upstream has to begin it."""
        return self.take_pending() or (self.writer.start() if self.writer is not None else b"")

    def was_started(self) -> None:
        """The caller has had the beginning of a stream: this one's is not said again."""
        self.pending = []
        if self.writer is not None:
            self.writer.was_started()


def started(lanes: list[Lane]) -> bytes:
    """The beginning of a stream that any of the lanes goes on with; nothing where none can begin it yet."""
    writers = [lane.writer for lane in lanes if lane.writer is not None]
    if len(lanes) > 1 and any(writer.is_ending or writer.has_begun for writer in writers):
        return b""  # one's beginning is on its way, with its content or with its end: it is not said twice
    for lane in sorted(lanes, key=lambda each: not each.pending):
        if begun := lane.start():
            for other in lanes:
                if other is not lane:
                    other.was_started()
            return begun
    return b""


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
