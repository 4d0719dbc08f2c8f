"""Callers that come again and again: most hear their stream to its end, some hang up, some read slowly."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from tests.laws import check, decode, text_of
from tests.load.callers import Answer, Connection, Target, question
from tests.load.play import Play

PACED: Final = Play(100, pause=100)
ENDLESS: Final = 10_000
"""Chunks of a stream that ends by nothing but its caller's going."""
FAT: Final = Play(3000)
"""More than the buffers of a server and of its kernel take, so that who reads slowly holds it up."""
SLOW_BUFFER: Final = 16 * 1024
SLOW_SECONDS: Final = 0.2
"""Between two reads."""
NOTICE_SECONDS: Final = 2.0
"""After the death of its process a stream is found to be cut."""
SLOW_NOTICE_SECONDS: Final = 15.0
"""The same, where what the kernel keeps is read first."""


@dataclass(slots=True)
class Tally:
    """What the callers met."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    left: dict[str, int] = field(default_factory=dict)
    """When the caller of a stream with this tag hung up, in nanoseconds of the monotonic clock."""
    killed: int | None = None
    """When a process was killed, on the same clock."""
    gone: int | None = None
    """When it was gone: until then the kernel hands it callers, and closes what it holds."""

    def judge(self, answer: Answer, play: Play, kind: str, *, notice: float = NOTICE_SECONDS) -> None:
        """Count a stream that has ended: it is lawful and complete, or was cut when its process was killed."""
        if not answer.is_complete and self._died_with_its_process(answer.asked, answer.ended, notice):
            self.counts["lost with the process"] += 1
        elif problem := fault(answer, play):
            self.problems[f"{kind}: {problem}"] += 1
        else:
            self.counts[kind] += 1

    def judge_failure(self, error: OSError | TimeoutError, asked: int, ended: int) -> None:
        """Count a connection that failed; the times are of the same clock."""
        is_excused = self._died_with_its_process(asked, ended, NOTICE_SECONDS)
        tally, name = (self.counts, "lost with the process") if is_excused else (self.problems, type(error).__name__)
        tally[name] += 1

    def _died_with_its_process(self, asked: int, ended: int, notice: float) -> bool:
        if self.killed is None:
            return False
        gone = ended if self.gone is None else self.gone
        return asked <= gone and self.killed <= ended <= gone + notice * 1e9


def fault(answer: Answer, play: Play) -> str | None:
    """What is wrong with a stream that has ended, in a word or two."""
    if not answer.is_well:
        return "cut" if answer.status == HTTPStatus.OK else f"status {answer.status}"
    try:
        events = decode(b"".join(answer.body))
        check(events)
    except (AssertionError, LookupError, ValueError) as error:
        return f"unlawful: {error}"
    words = len(text_of(events).split())
    return None if words == play.chunks else f"{words} words of {play.chunks}"


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller, who asks until the time is over."""

    number: int
    target: Target
    tally: Tally
    until: float

    async def call(self) -> None:
        """Ask again and again, each time over a new connection."""
        kind = self.number % 20
        way = self._read_slowly if kind == 0 else self._hang_up if kind <= 2 else self._hear
        turn = 0
        while time.monotonic() < self.until:
            turn += 1
            asked = time.monotonic_ns()
            try:
                await way(turn)
            except (OSError, TimeoutError) as error:
                self.tally.judge_failure(error, asked, time.monotonic_ns())

    async def _hear(self, turn: int) -> None:
        connection = await Connection.open(self.target, keeps_bodies=True)
        answer = await connection.ask(self.target.message(question(PACED, stream=True)))
        connection.close()
        self.tally.judge(answer, PACED, "finished")

    async def _hang_up(self, turn: int) -> None:
        tag = f"{self.number}-{turn}"
        play = Play(ENDLESS, PACED.pause, tag=tag)
        connection = await Connection.open(self.target)
        connection.send(self.target.message(question(play, stream=True)))
        enough = 1 + (self.number * 7 + turn * 11) % 40
        while connection.answer.deltas < enough and not connection.end.done():
            await connection.change()
        if connection.end.done():
            self.tally.judge(connection.answer, play, "ended before the caller hung up")
            return
        self.tally.left[tag] = time.monotonic_ns()
        connection.close()
        self.tally.counts["hung up"] += 1

    async def _read_slowly(self, turn: int) -> None:
        connection = await Connection.open(self.target, keeps_bodies=True, receive_buffer=SLOW_BUFFER)
        connection.send(self.target.message(question(FAT, stream=True)))
        while not connection.end.done():
            await connection.change()
            connection.pause()
            await asyncio.sleep(SLOW_SECONDS)
            connection.resume()
        connection.close()
        self.tally.judge(connection.answer, FAT, "read slowly", notice=SLOW_NOTICE_SECONDS)
