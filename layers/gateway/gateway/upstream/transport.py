"""Sends calls over our own connections, and parses answers with httptools, whose parser is C.

httpx would take five times as long for an answer: it parses in Python and locks at every event (docs/decisions/0018).
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from typing import NamedTuple

import httptools
import httpx

from gateway.upstream.call import Call
from gateway.upstream.connection import Connection, Network
from gateway.upstream.deadlines import CallClock

MAX_HEAD_BYTES = 262_144
"""Of an answer, interim ones included."""
_LENGTHS = frozenset({"content-length", "transfer-encoding"})
_KEEP = 100
_KEEP_SECONDS = 240.0


class Origin(NamedTuple):
    """Where a connection leads."""

    is_encrypted: bool
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class _Idle:
    connection: Connection
    since: float


class DirectTransport:
    """Sends calls, each over a connection of its own; a connection whose answer has been read is kept.

    A kept connection may die under a request: where nothing of an answer has come, it is sent once more on a new one.
    """

    def __init__(self, network: Network, *, context: ssl.SSLContext) -> None:
        self._network = network
        self._context = context
        self._idle: dict[Origin, list[_Idle]] = {}

    async def send(self, call: Call) -> "_Answer":
        """Send a call and wait for the head of its answer. Raises httpx's errors, or `DeadlineError`."""
        clock = call.clock
        origin, beginning = _place(call.url)
        message = _message(beginning, call)
        kept = self._take(origin)
        if kept is not None:
            answer = self._answer(kept, origin, clock)
            try:
                return await _sent(answer, message)
            except (httpx.RemoteProtocolError, httpx.ReadError):
                if answer.has_begun:
                    raise
        return await _sent(self._answer(await self._connect(origin, clock), origin, clock), message)

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        for idle in self._idle.values():
            for each in idle:
                each.connection.close()
        self._idle.clear()

    def _answer(self, connection: Connection, origin: Origin, clock: CallClock) -> "_Answer":
        return _Answer(connection, clock, lambda: self._keep(origin, connection))

    async def _connect(self, origin: Origin, clock: CallClock) -> Connection:
        context = self._context if origin.is_encrypted else None
        try:
            async with asyncio.timeout(clock.connect_timeout()):
                return await self._network.connect(origin.host, origin.port, context)
        except TimeoutError as error:
            raise clock.timed_out() from error
        except OSError as error:
            raise httpx.ConnectError("") from error

    def _take(self, origin: Origin) -> Connection | None:
        """The connection that was used last and still lives."""
        idle = self._idle.get(origin, [])
        now = asyncio.get_running_loop().time()
        while idle:
            kept = idle.pop()
            if not kept.connection.is_stale and now - kept.since <= _KEEP_SECONDS:
                return kept.connection
            kept.connection.close()
        return None

    def _keep(self, origin: Origin, connection: Connection) -> None:
        if sum(map(len, self._idle.values())) >= _KEEP:
            connection.close()
            return
        self._idle.setdefault(origin, []).append(_Idle(connection, asyncio.get_running_loop().time()))


async def _sent(answer: "_Answer", message: Sequence[bytes]) -> "_Answer":
    try:
        await answer.ask(message)
    except BaseException:
        await answer.aclose()
        raise
    return answer


class _Phase(Enum):
    HEAD = "the status and headers of the answer that counts have not all arrived"
    BODY = "the body goes on"
    READ = "the answer has been read, and another request can follow"
    OVER = "the answer has been read, and nothing can follow it"
    BROKEN = "the answer has no end"
    CLOSED = "nobody reads it any more"


class _Answer:
    """One answer as it arrives; an empty piece says that the alarm was due. The parser calls what is named `on_…`.

    An upstream may send interim answers (1xx) before the one that counts, and must send nothing after it.
    """

    def __init__(self, connection: Connection, clock: CallClock, keep: Callable[[], None]) -> None:
        self._connection = connection
        self._clock = clock
        self._keep = keep
        self._phase = _Phase.HEAD
        self._pieces: list[bytes] = []
        self._wanted: int | None = None
        """How many of the pieces belong to the answer; None: all, as long as it goes on."""
        self.on_body = self._pieces.append
        self.has_begun = False
        """Whether a byte has arrived."""
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._head: list[tuple[bytes, bytes]] = []
        self._parser = httptools.HttpResponseParser(self)

    async def ask(self, message: Sequence[bytes]) -> None:
        """Send the request and wait for the status and the headers.

        An upstream may refuse a request before it has read all of it. Its answer, if there is one, says why.
        """
        self._connection.send(message)
        size = 0
        while self._phase is _Phase.HEAD and size <= MAX_HEAD_BYTES:
            size += await self._read()
        if not self.status:
            raise httpx.RemoteProtocolError("")
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._head}

    def __aiter__(self) -> "_Answer":
        return self

    async def __anext__(self) -> bytes:
        while not (pieces := self._pieces[: self._wanted]):
            if self._phase is _Phase.BROKEN:
                raise httpx.RemoteProtocolError("")
            if self._phase is not _Phase.BODY:
                raise StopAsyncIteration
            if not await self._read() and self._phase is _Phase.BODY:
                return b""
        self._clock.body_flows()
        self._pieces.clear()
        if self._wanted is not None:
            self._wanted = 0
        return b"".join(pieces)

    async def aclose(self) -> None:
        """Keep the connection for the next request, or close it where the answer has not been read to its end."""
        phase, self._phase = self._phase, _Phase.CLOSED
        self._clock.stop()
        if phase is _Phase.READ:
            self._keep()
        elif phase is not _Phase.CLOSED:
            self._connection.close()

    def on_message_begin(self) -> None:
        """Called when an answer begins: the first one, the next one after an interim one, or an unrequested one."""
        if self._phase is _Phase.HEAD:
            self._head.clear()
        elif self._phase is _Phase.READ:
            self._phase = _Phase.OVER

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called for a header. Trailers are ignored."""
        if self._phase is _Phase.HEAD:
            self._head.append((name, value))

    def on_headers_complete(self) -> None:
        """Called at the end of the headers."""
        status = self._parser.get_status_code()
        if sum(map(len, chain.from_iterable(self._head))) > MAX_HEAD_BYTES:
            self._phase = _Phase.BROKEN
        elif self._phase is _Phase.HEAD and status >= HTTPStatus.OK:
            self.status = status
            self._phase = _Phase.BODY

    def on_message_complete(self) -> None:
        """Called at the end of an answer."""
        if self._phase is _Phase.BODY:
            self._wanted = len(self._pieces)
            self._phase = _Phase.READ if self._parser.should_keep_alive() else _Phase.OVER

    async def _read(self) -> int:
        """Read the next bytes, and return their number; 0 where the alarm was due or the connection has ended."""
        received = await self._connection.receive(self._clock)
        if received is None:
            return 0
        if not received:
            self._phase = _Phase.OVER if self._ends_with_the_connection() else _Phase.BROKEN
            return 0
        self.has_begun = True
        try:
            self._parser.feed_data(received)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._phase = _Phase.OVER if self._phase in (_Phase.READ, _Phase.OVER) else _Phase.BROKEN
        return len(received)

    def _ends_with_the_connection(self) -> bool:
        """Tell whether the body has no told length, and so ends with the connection."""
        return self._phase is _Phase.BODY and self.headers.keys().isdisjoint(_LENGTHS)


@lru_cache(maxsize=64)
def _place(url: str) -> tuple[Origin, str]:
    """Where an address leads, and how a call begins there: reading that takes longer than sending the call."""
    parsed = httpx.URL(url)
    is_encrypted = parsed.scheme == "https"
    origin = Origin(is_encrypted, parsed.raw_host.decode("ascii"), parsed.port or (443 if is_encrypted else 80))
    return origin, f"POST {parsed.raw_path.decode('ascii')} HTTP/1.1\r\nHost: {parsed.netloc.decode('ascii')}\r\n"


def _message(beginning: str, call: Call) -> tuple[bytes, bytes]:
    """A call as it goes over the wire. Raises `httpx.LocalProtocolError` where a header would break out of it."""
    lines = [f"{name}: {value}\r\n" for name, value in call.headers.items()]
    head = "".join([beginning, *lines, f"Content-Length: {len(call.body)}\r\n\r\n"])
    if not head.count("\r") == head.count("\n") == len(lines) + 4:
        raise httpx.LocalProtocolError("")
    try:
        return head.encode("ascii"), call.body
    except UnicodeEncodeError:
        raise httpx.LocalProtocolError("") from None  # the exception's own text holds the key
