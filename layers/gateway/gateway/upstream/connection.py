"""Connections to upstreams: TCP, or TLS over it. What arrives waits until the reader of the answer asks for it."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from typing import cast

import httpx

from gateway.upstream.deadlines import CallClock

MAX_HELD_BYTES = 262_144
"""Of an answer, before its reader asks for them: then the upstream has to wait. The kernel holds as much again."""


class Connection(asyncio.Protocol):
    """An open connection, used by one call at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._is_paused = False
        self._is_over = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the other side has closed it, or has sent what nobody asked for, while it was not in use."""
        return self._is_over or bool(self._pieces)

    def send(self, message: Sequence[bytes]) -> None:
        """Send all of it, as fast as the other side reads. Nobody waits for that: an answer may come before."""
        if not self._is_over:
            self._transport.writelines(message)

    async def receive(self, clock: CallClock) -> bytes | None:
        """What has arrived, when something has; nothing at the end; None where the alarm is due before.

        Raises `httpx.ReadError`, or `DeadlineError`.
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
            self._transport.resume_reading()
        return piece

    def close(self) -> None:
        """Close it now, whatever was going on."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.Transport", transport)  # as it is for TCP and for TLS
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_HELD_BYTES)

    def data_received(self, data: bytes) -> None:
        """A piece has arrived."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held >= MAX_HELD_BYTES and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """The other side sends nothing more."""
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by an error or without one."""
        self._is_over = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Network:
    """Where connections come from; tests put another in its place."""

    async def connect(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        """A connection on which every send leaves at once; TLS where there is a context. Raises OSError."""
        loop = asyncio.get_running_loop()
        name = None if context is None else host
        _, connection = await loop.create_connection(Connection, host, port, ssl=context, server_hostname=name)
        return connection
