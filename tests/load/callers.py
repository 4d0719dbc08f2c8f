"""Callers: connections that ask, time what comes, and know when it is complete.

Times are nanoseconds of the monotonic clock, which the upstream's chunks tell too when their text is a time.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, cast

import httptools

from tests.load.play import Play

_STAMP: Final = re.compile(rb'"t(\d{19}) "')
REQUEST_LIMIT: Final = 120.0  # seconds; nothing here takes so long


@dataclass(frozen=True, slots=True)
class Wire:
    """How an API is spoken."""

    path: str
    delta: bytes
    """What stands once in each event that carries text."""
    end: bytes
    """What stands in the event that ends a stream that is well."""


MESSAGES: Final = Wire("/v1/messages", b"event: content_block_delta\n", b"event: message_stop\n")
CHAT: Final = Wire("/v1/chat/completions", b'"delta":{"content":"', b"data: [DONE]")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask."""

    host: str
    port: int
    wire: Wire
    headers: Mapping[str, str]

    @classmethod
    def at(cls, url: str, wire: Wire, **headers: str) -> Target:
        """The target at an address."""
        host, _, port = url.removeprefix("http://").partition(":")
        return cls(host, int(port), wire, {name.replace("_", "-"): value for name, value in headers.items()})

    def message(self, body: Mapping[str, Any]) -> bytes:
        """The bytes of a request."""
        content = json.dumps(body).encode()
        headers = {"host": self.host, "content-type": "application/json", "content-length": len(content)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **self.headers}.items())
        return f"POST {self.wire.path} HTTP/1.1\r\n{lines}\r\n".encode() + content


def question(play: Play, *, stream: bool) -> dict[str, Any]:
    """A short question, in words that both APIs take."""
    messages = [{"role": "user", "content": f"Hello. {play.word()}"}]
    return {"model": "gpt-5", "max_tokens": 4096, "stream": stream, "messages": messages}


@dataclass(slots=True)
class Answer:
    """What came."""

    asked: int = field(default_factory=time.monotonic_ns)
    first_delta: int = 0
    ended: int = 0
    status: int = 0
    deltas: int = 0
    transits: list[int] = field(default_factory=list)
    """Of each chunk that says when it was written, in the order of their coming."""
    body: list[bytes] = field(default_factory=list)
    is_complete: bool = False

    @property
    def is_well(self) -> bool:
        """Whether it is a whole answer of status 200, or a stream of that status that has ended as it should."""
        return self.status == HTTPStatus.OK and self.is_complete


class Connection(asyncio.Protocol):
    """A caller's connection, for one request after another. The parser calls the methods `on_…`."""

    def __init__(self, wire: Wire, *, keeps_bodies: bool = False) -> None:
        self._wire = wire
        self._keeps_bodies = keeps_bodies
        self._transport: asyncio.Transport | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._is_stream = self._has_ended = False
        self._tail = b""
        self.answer = Answer()
        self.changed = asyncio.Event()
        """Set with each piece that arrives, and at the end."""
        self.end: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, target: Target, *, keeps_bodies: bool = False, receive_buffer: int | None = None) -> Connection:
        """Connect; the kernel keeps as many bytes as told for a caller who does not read. Raises OSError."""
        loop = asyncio.get_running_loop()
        connection = cls(target.wire, keeps_bodies=keeps_bodies)
        with ExitStack() as stack:
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            if receive_buffer is not None:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            await loop.sock_connect(caller, (target.host, target.port))
            await loop.create_connection(lambda: connection, sock=caller)
            stack.pop_all()
        return connection

    @property
    def is_open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, message: bytes) -> None:
        """Ask; the answer is in `answer`, and `end` tells when it has ended."""
        self._begin()
        assert self._transport is not None
        self._transport.write(message)

    async def ask(self, message: bytes) -> Answer:
        """Ask, and return the answer. Raises TimeoutError."""
        self.send(message)
        async with asyncio.timeout(REQUEST_LIMIT):
            return await self.end

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    async def change(self) -> None:
        """Wait until something more has arrived, or the answer has ended. Raises TimeoutError."""
        self.changed.clear()
        async with asyncio.timeout(REQUEST_LIMIT):
            await self.changed.wait()

    def pause(self) -> None:
        """Read nothing for now."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._finish()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)
        self.changed.set()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._is_stream = value.startswith(b"text/event-stream")

    def on_headers_complete(self) -> None:
        self.answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        if self._keeps_bodies:
            self.answer.body.append(body)
        if self._is_stream:
            self._read(self._tail + body)

    def on_message_complete(self) -> None:
        self.answer.is_complete = self._has_ended or not self._is_stream
        self._finish()

    def _read(self, received: bytes) -> None:
        """Look at the events that are complete."""
        end = received.rfind(b"\n\n") + 2
        if end == 1:
            self._tail = received
            return
        events, self._tail = received[:end], received[end:]
        deltas = events.count(self._wire.delta)
        if deltas:
            now = time.monotonic_ns()
            self.answer.first_delta = self.answer.first_delta or now
            self.answer.deltas += deltas
            self.answer.transits += [now - int(stamp) for stamp in _STAMP.findall(events)]
        self._has_ended = self._has_ended or self._wire.end in events

    def _finish(self) -> None:
        if not self.end.done():
            self.answer.ended = time.monotonic_ns()
            self.end.set_result(self.answer)
            self.changed.set()


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of callers got."""

    answers: list[Answer]
    failures: Counter[str]
    seconds: float


async def load(
    target: Target, message: bytes, *, callers: int, requests: int, seconds: float = 30.0, arrival: float = 0.0
) -> Load:
    """Ask so often, by so many callers at once; nothing is asked any more after so many seconds.

    The callers come one after another during the seconds of their arrival.
    """
    begun = time.monotonic()
    left = iter(range(requests))
    answers: list[Answer] = []
    failures: Counter[str] = Counter()

    async def call(number: int) -> None:
        await asyncio.sleep(number * arrival / callers)
        connection: Connection | None = None
        for _ in left:
            if time.monotonic() - begun > seconds:
                break
            try:
                if connection is None or not connection.is_open:
                    connection = await Connection.open(target)
                answer = await connection.ask(message)
            except (OSError, TimeoutError) as error:
                failures[type(error).__name__] += 1
                continue
            if answer.is_well:
                answers.append(answer)
            else:
                failures[f"status {answer.status}, complete: {answer.is_complete}"] += 1
        if connection is not None:
            connection.close()

    await asyncio.gather(*(call(number) for number in range(callers)))
    return Load(answers, failures, time.monotonic() - begun)
