"""Takes in bodies of requests, within a size for each and a sum for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from edgeway.local.api_gateway.events import EVENT_LIMIT
from edgeway.local.web import failures
from edgeway.local.web.asgi import Receive
from edgeway.local.web.failures import Refused

LARGE: Final = 1024 * 1024
"""Bytes from which on reading a body as JSON is felt by everybody else in the process."""
LARGE_AT_ONCE: Final = 4
LARGE_SECONDS: Final = 1.0
"""A function that has had a large body for so long has read it, and waits for its upstream."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Limits, in bytes. `whose` says whose they are, to callers who meet one."""

    body: int
    event: int | None
    """Of the event that is made of a request; None: it does not matter."""
    together: int
    """Of the bodies of all running requests."""
    whose: str

    def check(self, *, body: int = 0, event: int = 0) -> None:
        """Raise Refused for a request that is larger."""
        if body > self.body:
            raise Refused(failures.request_too_large(self.body, self.whose))
        if self.event is not None and event > self.event:
            raise Refused(failures.request_too_large(self.event, self.whose))


LAMBDA: Final = Sizes(EVENT_LIMIT, EVENT_LIMIT, together=256 * EVENT_LIMIT, whose="Lambda's limit for an event")


class CallerGone(Exception):  # noqa: N818 nothing is wrong with that
    """The caller has hung up before the body was complete."""


class Room:
    """What is left for the bodies of all running requests."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)
        """Held while a function takes in a large body."""


class BodyReader:
    """Reads the body of one request, whose size is counted until it is let go."""

    def __init__(self, sizes: Sizes, room: Room) -> None:
        self._sizes = sizes
        self._room = room
        self._taken = 0
        self._turn_ends: asyncio.TimerHandle | None = None

    async def read(self, receive: Receive) -> bytes | bytearray:
        """Return the body. Raises Refused where it is not taken, and CallerGone."""
        piece, is_more = await self._piece(receive)
        if not is_more:
            return piece
        body = bytearray(piece)
        while is_more:
            piece, is_more = await self._piece(receive)
            body += piece
        return body

    async def turn(self) -> None:
        """Wait until it is the turn of a large body to be taken in by a function."""
        if self._taken > LARGE:
            await self._room.large.acquire()
            self._turn_ends = asyncio.get_running_loop().call_later(LARGE_SECONDS, self._end_turn)

    def release(self) -> None:
        """Give the room back."""
        self._room.left += self._taken
        self._taken = 0
        if self._turn_ends is not None:
            self._turn_ends.cancel()
            self._end_turn()

    def _end_turn(self) -> None:
        self._turn_ends = None
        self._room.large.release()

    async def _piece(self, receive: Receive) -> tuple[bytes, bool]:
        """Return what has come, and whether more is to come."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        piece: bytes = message["body"]
        self._sizes.check(body=self._taken + len(piece))
        if len(piece) > self._room.left:
            raise Refused(failures.no_room())
        self._room.left -= len(piece)
        self._taken += len(piece)
        return piece, bool(message["more_body"])
