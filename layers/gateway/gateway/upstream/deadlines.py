"""Deadlines for one upstream call at a time: connecting, the first byte, silence, and the whole call.

httpx has no deadline for a whole call, and takes the first byte and later silence for the same thing. So the deadlines
stand below it, where a connection reads from the network.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf

from gateway.cancellation import Cancellation, CancelledCallError
from gateway.settings import ANSWER_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that an upstream may take."""

    connect: float = 10.0
    first_byte: float = 300.0
    """Of the answer's body: some send the headers at once and the first token when they have thought."""
    idle: float = 120.0
    total: float = ANSWER_SECONDS


class DeadlineError(Exception):
    """An upstream took too long; the message says with what, and for how many seconds."""


class _Phase(Enum):
    KEPT = "on a connection of an earlier call, which may have died meanwhile"
    LIVE = "on a connection that lives"
    FLOWING = "the body has begun"


class CallClock:
    """The time that the current call has left. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._deadlines = Deadlines()
        self._cancellation = Cancellation()
        self._latest = inf
        """The end of the total."""
        self._ends = inf
        self._phase = _Phase.KEPT
        self._waits_for = ("finish", 0.0)

    def start(self, deadlines: Deadlines, cancellation: Cancellation) -> None:
        """A call begins."""
        self._deadlines = deadlines
        self._cancellation = cancellation
        self._latest = self._ends = self._monotonic() + deadlines.total
        self._phase = _Phase.KEPT

    def shorten(self, seconds: float) -> None:
        """The call shall end within so many seconds from now, whatever was said of that before."""
        self._ends = min(self._latest, self._monotonic() + seconds)

    def connect_timeout(self) -> float:
        """Seconds that connecting may take."""
        self._cancellation.check()
        self._phase = _Phase.LIVE
        return self._left("accept a connection", self._deadlines.connect)

    def uses(self, connection: socket.socket) -> None:
        """The call goes over this connection. Raises `CancelledCallError` where it should not begin to."""
        self._cancellation.watch(connection)

    def wait_timeout(self) -> float:
        """Seconds that the connection may take for the next bytes, either way."""
        # Not `check()`, here and below: every piece of a stream would pay for the call.
        if self._cancellation.is_set:
            raise CancelledCallError
        if self._phase is _Phase.FLOWING:
            return self._left("go on", self._deadlines.idle)
        return self._left("begin to answer", self._deadlines.first_byte)

    def received(self, data: bytes) -> None:
        """The connection has given these bytes, or none at its end."""
        if self._cancellation.is_set:
            raise CancelledCallError
        if self._phase is _Phase.KEPT and data:
            self._phase = _Phase.LIVE

    def body_flows(self) -> None:
        """The body of the answer has begun: from now on silence counts."""
        self._phase = _Phase.FLOWING

    @property
    def may_repeat(self) -> bool:
        """Whether a kept connection alone can be to blame, and the upstream has not seen the request."""
        return self._phase is _Phase.KEPT

    def timed_out(self) -> DeadlineError:
        """The error for the wait that has just ended in vain."""
        what, seconds = self._waits_for
        return DeadlineError(f"the upstream did not {what} within {seconds:.3g} s")

    def _left(self, what: str, seconds: float) -> float:
        left = self._ends - self._monotonic()
        self._waits_for = (what, seconds) if seconds <= left else ("finish", self._deadlines.total)
        if left <= 0:
            raise self.timed_out()
        return min(seconds, left)
