"""Keeps what has arrived of an answer, until its reader asks for it."""

import asyncio
from collections import deque
from collections.abc import Callable

import httpx

from gateway.upstream.deadlines import CallClock

MAX_HELD_BYTES = 262_144
"""Of an answer: beyond them the upstream has to wait. The kernel holds as much again."""


class Inbox:
    """Pieces in the order of their arrival. It calls `pause` and `resume` to hold back whoever fills it."""

    def __init__(self, *, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause = pause
        self._resume = resume
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._is_paused = False
        self._is_over = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_untouched(self) -> bool:
        """Tell whether nothing unrequested has arrived, not even the end."""
        return not self._is_over and not self._pieces

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will arrive."""
        return self._is_over

    def put(self, piece: bytes) -> None:
        """Add a piece that has arrived."""
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held >= MAX_HELD_BYTES and not self._is_paused:
            self._is_paused = True
            self._pause()
        self._wake()

    def end(self, error: Exception | None = None) -> None:
        """Note the end: the other side has ended, or an error has ended the connection."""
        self._is_over = True
        self._error = self._error or error
        self._wake()

    async def receive(self, clock: CallClock) -> bytes | None:
        """Return the next piece, when it is there. Empty: the end. None: the alarm was due first.

        Raises `httpx.ReadError` where an error was the end, or `DeadlineError`.
        """
        clock.begin_to_wait()
        while not self._pieces:
            if self._error is not None:
                raise httpx.ReadError("") from self._error
            if self._is_over:
                return b""
            if clock.is_alarmed:
                return None
            clock.check()
            self._waiter = asyncio.get_running_loop().create_future()
            await clock.wait(self._waiter)
        piece = self._pieces.popleft()
        self._held -= len(piece)
        if self._is_paused and not self._pieces:
            self._is_paused = False
            self._resume()
        return piece

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
