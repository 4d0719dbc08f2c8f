"""Holds the deadlines of an upstream call: connecting, the first byte, silence, and the whole call.

httpx has no deadline for a whole call, and takes the first byte and later silence for the same thing. So the deadlines
stand below it, where a connection waits for bytes. One timer serves a call: a timer for each event would cost more than
reading the event.
"""

import asyncio
import time
from dataclasses import dataclass
from math import inf

from gateway.settings import ANSWER_SECONDS

_RESOLUTION = 0.001
"""Seconds. uvloop's timers count milliseconds from the turn's beginning, so that one may fire a little early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The seconds that an upstream may take."""

    connect: float = 10.0
    first_byte: float = 300.0
    """For the first byte of the body.

    Some upstreams send the headers at once, and the first token after they have thought.
    """
    idle: float = 120.0
    total: float = ANSWER_SECONDS

    def within(self, seconds: float) -> "Deadlines":
        """Return the deadlines of a call that may take `total` seconds in all."""
        return Deadlines(connect=self.connect, first_byte=self.first_byte, idle=self.idle, total=seconds)


class DeadlineError(Exception):
    """An upstream took too long; the message says with what, and for how many seconds."""


class Alarm:
    """Wakes the reader of a silent answer. `due` is a time of `time.monotonic`; the reader moves it forward."""

    __slots__ = ("due",)

    def __init__(self) -> None:
        self.due = inf


class CallClock:
    """The time that is left for one call. A wait ends with its event, with a deadline, or with the alarm."""

    def __init__(self, deadlines: Deadlines) -> None:
        self.alarm = Alarm()
        self._deadlines = deadlines
        self._loop = asyncio.get_running_loop()
        self._latest = self._ends = time.monotonic() + deadlines.total
        """The end of the total, and the end of the call, which may have been moved to an earlier time."""
        self._flows = False
        """Whether the body has begun."""
        self._until = inf
        """The end of the current wait."""
        self._waits_for = ("finish", deadlines.total)
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_fires = inf

    def shorten(self, seconds: float) -> None:
        """Let the call end within so many seconds from now, whatever was set before."""
        self._ends = min(self._latest, time.monotonic() + seconds)

    def body_flows(self) -> None:
        """Note that the body of the answer has begun: from now on silence is limited."""
        self._flows = True

    def connect_timeout(self) -> float:
        """Return the seconds that connecting may take. Raises `DeadlineError` where none is left."""
        return self._begin("accept a connection", self._deadlines.connect)

    def head_timeout(self) -> float:
        """Return the seconds that the head of the answer may take. Raises `DeadlineError` where none is left."""
        return self._begin("begin to answer", self._deadlines.first_byte)

    def begin_to_wait(self) -> None:
        """Start a wait for the next bytes. Raises `DeadlineError` where no time is left."""
        if self._flows:
            self._begin("go on", self._deadlines.idle)
        else:
            self._begin("begin to answer", self._deadlines.first_byte)

    @property
    def is_alarmed(self) -> bool:
        """Tell whether the alarm is due."""
        return time.monotonic() >= self.alarm.due

    def check(self) -> None:
        """Raise `DeadlineError` where the current wait has taken too long."""
        if time.monotonic() >= self._until - _RESOLUTION:
            raise self.timed_out()

    async def wait(self, waiter: asyncio.Future[None]) -> None:
        """Wait for the future's result. A timer sets it at a deadline, or when the alarm is due."""
        self._waiter = waiter
        wakes = min(self._until, self.alarm.due)
        if self._timer_fires > wakes:
            self._arm(wakes)
        try:
            await waiter
        finally:
            self._waiter = None

    def stop(self) -> None:
        """Stop the timer: the call has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def timed_out(self) -> DeadlineError:
        """Return the error for the wait that has just run out of time."""
        what, seconds = self._waits_for
        return DeadlineError(f"the upstream did not {what} within {seconds:.3g} s")

    def _begin(self, what: str, seconds: float) -> float:
        now = time.monotonic()
        left = self._ends - now
        self._waits_for = (what, seconds) if seconds <= left else ("finish", self._deadlines.total)
        if left <= 0:
            raise self.timed_out()
        self._until = now + min(seconds, left)
        return min(seconds, left)

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_fires = when
        self._timer = self._loop.call_later(when - time.monotonic(), self._fire)

    def _fire(self) -> None:
        self._timer, self._timer_fires = None, inf
        if self._waiter is None or self._waiter.done():
            return  # the next wait arms it again
        wakes = min(self._until, self.alarm.due)
        if time.monotonic() < wakes - _RESOLUTION:
            self._arm(wakes)
        else:
            self._waiter.set_result(None)
