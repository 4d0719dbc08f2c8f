"""httpx's requests over connections that obey the clock, their answers parsed by httptools.

An environment serves one request at a time, so there is one connection for each origin. The parser is C: in a stream
of small pieces h11, which httpx itself would use, takes more time than everything else together.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

import httptools
import httpx

from gateway.upstream.connection import Connection, Network, connect
from gateway.upstream.deadlines import CallClock

MAX_HEAD_BYTES = 262_144
"""Of an answer, interim ones included."""
_KEEP_ORIGINS = 10
_KEEP_SECONDS = 240.0

Origin = tuple[str, bytes, int | None]
"""Scheme, host and port."""


@dataclass(frozen=True, slots=True)
class _Idle:
    connection: Connection
    since: float


class Transport(httpx.BaseTransport):
    """Sends requests one at a time; a connection whose answer has been read is kept. `monotonic` gives seconds."""

    def __init__(self, clock: CallClock, network: Network, *, monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._network = network
        self._monotonic = monotonic
        self._context = httpx.create_ssl_context()
        self._context.set_alpn_protocols(["http/1.1"])
        self._idle: dict[Origin, _Idle] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and wait for the head of its answer."""
        message = _message(request)
        origin = (request.url.scheme, request.url.raw_host, request.url.port)
        connection = self._take(origin) or connect(
            request.url, network=self._network, context=self._context, clock=self._clock
        )
        answer = _Answer(connection, self._clock, lambda: self._keep(origin, connection))
        try:
            # An upstream may refuse a request before it has read all of it: its answer says why, if there is one.
            with suppress(httpx.WriteError):
                connection.send(message)
            answer.read_head()
        except BaseException:
            connection.close()
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=answer)

    def close(self) -> None:
        """Close the connections that are kept."""
        for idle in self._idle.values():
            idle.connection.close()
        self._idle.clear()

    def _take(self, origin: Origin) -> Connection | None:
        idle = self._idle.pop(origin, None)
        if idle is None:
            return None
        if self._monotonic() - idle.since > _KEEP_SECONDS or idle.connection.is_stale:
            idle.connection.close()
            return None
        return idle.connection

    def _keep(self, origin: Origin, connection: Connection) -> None:
        if len(self._idle) >= _KEEP_ORIGINS:
            self._idle.pop(next(iter(self._idle))).connection.close()
        self._idle[origin] = _Idle(connection, self._monotonic())


class _Phase(Enum):
    HEAD = "the status and headers of the answer that counts have not all arrived"
    BODY = "the body goes on"
    READ = "the answer has been read, and another request can follow"
    OVER = "the answer has been read, and nothing can follow it"
    BROKEN = "the answer has no end"


class _Answer(httpx.SyncByteStream):
    """One answer as it arrives. The methods `on_…` are called by the parser.

    An upstream may send interim answers (1xx) before the one that counts, and must send nothing after it.
    """

    def __init__(self, connection: Connection, clock: CallClock, keep: Callable[[], None]) -> None:
        self._connection = connection
        self._clock = clock
        self._keep = keep
        self._parser = httptools.HttpResponseParser(self)
        self._phase = _Phase.HEAD
        self._pieces: deque[bytes] = deque()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []

    def read_head(self) -> None:
        """Wait for the status and the headers."""
        size = 0
        while self._phase is _Phase.HEAD and size <= MAX_HEAD_BYTES:
            size += self._read()
        if not self.status:
            raise httpx.RemoteProtocolError("")

    def __iter__(self) -> Iterator[bytes]:
        while self._phase is _Phase.BODY and not self._pieces:
            self._read()
        self._clock.body_flows()
        while True:
            if self._pieces:
                yield self._pieces.popleft()
            elif self._phase is _Phase.BODY:
                self._read()
            elif self._phase is _Phase.BROKEN:
                self._connection.close()
                raise httpx.RemoteProtocolError("")
            else:
                return

    def close(self) -> None:
        """Keep the connection for the next request, or close it where the answer has not been read to its end."""
        if self._phase is _Phase.READ:
            self._phase = _Phase.OVER
            self._keep()
        else:
            self._connection.close()

    def on_message_begin(self) -> None:
        """An answer begins: the first, the one after an interim one, or one that nobody has asked for."""
        if self._phase is _Phase.HEAD:
            self.headers.clear()
        elif self._phase is _Phase.READ:
            self._phase = _Phase.OVER

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is not read."""
        if self._phase is _Phase.HEAD:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """A head has ended."""
        status = self._parser.get_status_code()
        if self._phase is _Phase.HEAD and status >= HTTPStatus.OK:
            self.status = status
            self._phase = _Phase.BODY

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if self._phase is _Phase.BODY:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """An answer has ended."""
        if self._phase is _Phase.BODY:
            self._phase = _Phase.READ if self._parser.should_keep_alive() else _Phase.OVER

    def _read(self) -> int:
        """Read on; the number of bytes. A connection that fails is closed at once."""
        try:
            received = self._connection.receive()
        except BaseException:
            self._connection.close()
            raise
        if not received:
            self._phase = _Phase.OVER if self._ends_with_the_connection() else _Phase.BROKEN
            return 0
        try:
            self._parser.feed_data(received)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._phase = _Phase.OVER if self._phase in (_Phase.READ, _Phase.OVER) else _Phase.BROKEN
        return len(received)

    def _ends_with_the_connection(self) -> bool:
        """Whether this is a body whose length was not told."""
        told = {name.lower() for name, _ in self.headers}
        return self._phase is _Phase.BODY and told.isdisjoint({b"content-length", b"transfer-encoding"})


def _message(request: httpx.Request) -> bytes:
    """The request as it goes over the wire. Raises `httpx.LocalProtocolError` where a header would break out of it."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise httpx.LocalProtocolError("")
    return b"\r\n".join([*lines, b"", request.content])
