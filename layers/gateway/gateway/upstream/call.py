"""What is asked of an upstream, and its answer as it arrives, whichever way it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from gateway.upstream.deadlines import CallClock


@dataclass(frozen=True, slots=True)
class Call:
    """A POST."""

    url: str
    headers: Mapping[str, str]
    """All but those of HTTP itself."""
    body: bytes
    clock: CallClock


class Arriving(Protocol):
    """An answer whose head has arrived. Its pieces follow; an empty one says that the alarm was due."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""

    def __aiter__(self) -> Self:
        """The pieces."""

    async def __anext__(self) -> bytes:
        """The next one. Raises as `Transport.send` does."""

    async def aclose(self) -> None:
        """Let go of the connection, which is kept where the answer has been read to its end."""


class Transport(Protocol):
    """Carries calls."""

    async def send(self, call: Call) -> Arriving:
        """Send a call and wait for the head of its answer. Raises `httpx.TransportError`, or `DeadlineError`."""

    async def aclose(self) -> None:
        """Close the connections that are kept."""
