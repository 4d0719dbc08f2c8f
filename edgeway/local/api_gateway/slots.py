"""Limits how many requests a function serves at once. A few more wait, the rest is refused."""

from __future__ import annotations

import asyncio
from collections import deque

from edgeway.local.web import failures
from edgeway.local.web.failures import Refused
from edgeway.local.web.limits import Limits


class Slots:
    """The requests of one function that are served, and those that wait, in the order of their coming."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free = limits.streams
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Return as soon as there is room. Raises Refused: there is none, and none in time."""
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= self._limits.waiting:
            raise Refused(failures.overloaded(self._limits.wait))
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._limits.wait):
                await turn
        except TimeoutError:
            self._leave(turn)
            raise Refused(failures.overloaded(self._limits.wait)) from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def release(self) -> None:
        """Let the next one in."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # who has hung up stands here until their task runs again
                turn.set_result(None)
                return
        self._free += 1

    def _leave(self, turn: asyncio.Future[None]) -> None:
        """Forget who does not wait any more, though it may have been their turn just now."""
        if turn.done() and not turn.cancelled():
            self.release()
        elif turn in self._waiting:
            self._waiting.remove(turn)


class Place:
    """The place of one request, taken or not."""

    __slots__ = ("_is_taken", "_slots")

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._is_taken = False

    async def take(self) -> None:
        """Wait for it. Raises Refused."""
        await self._slots.take()
        self._is_taken = True

    def leave(self) -> None:
        """Give it back."""
        if self._is_taken:
            self._is_taken = False
            self._slots.release()
