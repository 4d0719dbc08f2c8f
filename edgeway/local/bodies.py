"""The bodies of requests: how large one may be, and how much all that run may hold together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgeway.local import failures
from edgeway.local.asgi import Receive
from edgeway.local.events import EVENT_LIMIT
from edgeway.local.failures import Failure


@dataclass(frozen=True, slots=True)
class Sizes:
    """Limits, in bytes. `whose` says whose they are, to callers who meet one."""

    body: int
    event: int | None
    """Of the event that is made of a request; None: it does not matter."""
    together: int
    """Of the bodies of all running requests."""
    whose: str

    def refusal(self, *, body: int = 0, event: int = 0) -> Failure | None:
        """What to answer to a request of this size."""
        if body > self.body:
            return failures.request_too_large(self.body, self.whose)
        if self.event is not None and event > self.event:
            return failures.request_too_large(self.event, self.whose)
        return None


LAMBDA: Final = Sizes(EVENT_LIMIT, EVENT_LIMIT, together=256 * EVENT_LIMIT, whose="Lambda's limit for an event")


class Room:
    """What is left for the bodies of all running requests."""

    def __init__(self, size: int) -> None:
        self.left = size


class BodyReader:
    """Reads the body of one request, whose size is counted until the request has ended."""

    def __init__(self, sizes: Sizes, room: Room) -> None:
        self._sizes = sizes
        self._room = room
        self._taken = 0

    async def read(self, receive: Receive) -> bytes | Failure | None:
        """Return the body, or why it is not taken; None where the caller has gone."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message["body"]
            refusal = self._sizes.refusal(body=len(body)) or self._take(len(message["body"]))
            if refusal is not None or not message["more_body"]:
                return refusal or bytes(body)

    def release(self) -> None:
        """Give the room back."""
        self._room.left += self._taken
        self._taken = 0

    def _take(self, size: int) -> Failure | None:
        if size > self._room.left:
            return failures.no_room()
        self._room.left -= size
        self._taken += size
        return None
