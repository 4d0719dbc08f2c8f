"""Connects to upstreams over TCP, or TLS over it."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import cast

from gateway.upstream.deadlines import CallClock
from gateway.upstream.inbox import MAX_HELD_BYTES, Inbox

JOINED_BYTES = 65_536
"""A request up to this size leaves in one write. A larger one is not copied for that."""


class Connection(asyncio.Protocol):
    """An open connection, used by one call at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._inbox = Inbox(pause=self._pause, resume=self._resume)

    @property
    def is_stale(self) -> bool:
        """Tell whether the other side has closed the idle connection, or has sent unrequested bytes on it."""
        return not self._inbox.is_untouched

    def send(self, message: Sequence[bytes]) -> None:
        """Send all bytes, as fast as the other side reads. This does not wait: an answer may come first."""
        if self._inbox.is_over:
            return  # which the reader of the answer will find out
        if sum(map(len, message)) <= JOINED_BYTES:
            self._transport.write(b"".join(message))
        else:
            self._transport.writelines(message)

    async def receive(self, clock: CallClock) -> bytes | None:
        """Return the bytes that have arrived. Empty: the connection has ended. None: the alarm was due first.

        Raises `httpx.ReadError`, or `DeadlineError`.
        """
        return await self._inbox.receive(clock)

    def close(self) -> None:
        """Close the connection now, whatever is going on."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the connection is open."""
        self._transport = cast("asyncio.Transport", transport)  # as it is for TCP and for TLS
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_HELD_BYTES)

    def data_received(self, data: bytes) -> None:
        """Called when bytes have arrived."""
        self._inbox.put(data)

    def eof_received(self) -> None:
        """Called when the other side sends nothing more."""
        self._inbox.end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the connection is closed, with or without an error."""
        self._inbox.end(exc)

    def _pause(self) -> None:
        self._transport.pause_reading()

    def _resume(self) -> None:
        self._transport.resume_reading()


class Network:
    """The source of connections. Tests pass one of their own."""

    async def connect(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        """Open a connection on which every send leaves at once; with a context, over TLS. Raises OSError."""
        loop = asyncio.get_running_loop()
        name = None if context is None else host
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # One by one: asyncio tells what went wrong with several addresses in words only.
        for position, (_, _, _, _, address) in enumerate(found, start=1):
            try:
                _, connection = await loop.create_connection(
                    Connection, str(address[0]), port, ssl=context, server_hostname=name
                )
            except ssl.SSLError:
                raise
            except OSError:
                if position == len(found):
                    raise
            else:
                return connection
        raise OSError("the host has no address")
