"""Deadlines for one upstream call at a time: connecting, the first byte, silence, and the whole call.

httpx has no deadline for a whole call, and takes the first byte and later silence for the same thing. So the deadlines
stand below it, where its connections read from the network.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore

NEVER = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that an upstream may take."""

    connect: float = 10.0
    first_byte: float = 300.0
    idle: float = 120.0
    total: float = 870.0


class DeadlineError(Exception):
    """An upstream took too long; the message says with what, and for how many seconds."""


class CallClock:
    """The time that the current call has left. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._deadlines = Deadlines()
        self._ends = float(NEVER)
        self._has_answered = False
        self._waits_for = ("finish", 0.0)
        self._reads_from: httpcore.NetworkStream | None = None

    def start(self, deadlines: Deadlines) -> None:
        """A call begins."""
        self._deadlines = deadlines
        self._ends = self._monotonic() + deadlines.total
        self._has_answered = False

    def shorten(self, seconds: float) -> None:
        """The call shall end within so many seconds."""
        self._ends = min(self._ends, self._monotonic() + seconds)

    def connect_timeout(self) -> float:
        """Seconds that connecting may take."""
        return self._left("connect to it", self._deadlines.connect)

    def read_timeout(self) -> float:
        """Seconds that the next bytes may take."""
        if self._has_answered:
            return self._left("go on", self._deadlines.idle)
        return self._left("begin to answer", self._deadlines.first_byte)

    @property
    def has_answered(self) -> bool:
        """Whether a byte of the answer has arrived."""
        return self._has_answered

    def bytes_have_arrived(self) -> None:
        """The upstream has answered: from now on silence counts."""
        self._has_answered = True

    def now_reading(self, stream: httpcore.NetworkStream) -> None:
        """The connection that `cancel` is to shut."""
        self._reads_from = stream

    def cancel(self) -> None:
        """Shut the connection under the call, so that a read in another thread comes back. Harmless when none runs."""
        connection = self._reads_from.get_extra_info("socket") if self._reads_from else None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _left(self, what: str, seconds: float) -> float:
        left = self._ends - self._monotonic()
        if left <= 0:
            raise DeadlineError(f"the upstream did not finish within {self._deadlines.total:g} s")
        self._waits_for = (what, seconds) if seconds <= left else ("finish", self._deadlines.total)
        return min(seconds, left)

    def timed_out(self) -> DeadlineError:
        """The error for the wait that has just ended in vain."""
        what, seconds = self._waits_for
        return DeadlineError(f"the upstream did not {what} within {seconds:g} s")


class _TimedStream(httpcore.NetworkStream):
    """A connection whose reads obey the clock, whatever timeout they are given."""

    def __init__(self, inner: httpcore.NetworkStream, clock: CallClock) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- the clock decides
        """The next bytes."""
        self._clock.now_reading(self._inner)
        try:
            received = self._inner.read(max_bytes, self._clock.read_timeout())
        except httpcore.ReadTimeout as error:
            raise self._clock.timed_out() from error
        self._clock.bytes_have_arrived()
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- the clock decides
        """Send bytes."""
        self._inner.write(buffer, self._clock.read_timeout())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- the clock decides
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted."""
        return _TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, self._clock.connect_timeout()), self._clock
        )

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of the socket."""
        return self._inner.get_extra_info(info)


class TimedBackend(httpcore.NetworkBackend):
    """Opens connections that obey the clock."""

    def __init__(self, clock: CallClock) -> None:
        self._inner = httpcore.SyncBackend()
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the clock decides
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the host."""
        stream = self._inner.connect_tcp(
            host, port, self._clock.connect_timeout(), local_address=local_address, socket_options=socket_options
        )
        return _TimedStream(stream, self._clock)
