"""Runs one request as a task, and knows what has ended it early."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from edgeway.local.web import failures
from edgeway.local.web.failures import Failure

PRESENCE: Final = "edgeway.presence"
"""The ASGI extension in which the server puts a Presence."""


class Presence:
    """Whether the caller is there: the other end of a connection, on which requests come one after another."""

    __slots__ = ("on_leaving",)

    def __init__(self) -> None:
        self.on_leaving: Callable[[], None] | None = None

    def leave(self) -> None:
        """Tell whoever serves a request that nobody waits for the answer."""
        if self.on_leaving is not None:
            self.on_leaving()


class Exchange:
    """Cancels the task of a request, once at most: a second cancellation would stop what the first one has to clean up.

    A hang-up, a deadline and the end of the server are one thing. It is made in the task that it is to cancel.
    """

    __slots__ = ("_is_over", "_loop", "_presence", "_reason", "_task", "_timer", "answered_at")

    def __init__(self, presence: Presence) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None
        self._reason: Failure | None = None
        self._is_over = False
        self._presence = presence
        self.answered_at: float | None = None
        """By the performance counter."""
        presence.on_leaving = self.end

    def end(self, reason: Failure | None = None) -> None:
        """End it now; without a reason, because the caller has gone."""
        if not self._is_over and self._task is not None:
            self._reason = reason
            self.answered()
            self._task.cancel()

    def end_after(self, seconds: float, reason: Failure) -> None:
        """End it at this time, and not at the one that was set before."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._is_over:
            self._timer = self._loop.call_later(seconds, self.end, reason)

    def answered(self) -> None:
        """Let nothing end it any more: what is still to be done is done."""
        if self._is_over:
            return
        self._is_over = True
        self.answered_at = time.perf_counter()
        self._presence.on_leaving = None
        if self._timer is not None:
            self._timer.cancel()

    def reason(self, own: Failure) -> Failure | None:
        """Say why its task has met a cancellation: `own` where nobody has cancelled it but its own code."""
        if self._task is None or not self._task.cancelling():
            return own
        self._task.uncancel()
        return self._reason if self._is_over else failures.stopping()
