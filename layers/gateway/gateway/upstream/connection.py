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
        """Whether the other side has closed it, or has sent what nobody asked for, while it was not in use."""
        return not self._inbox.is_untouched

    def send(self, message: Sequence[bytes]) -> None:
        """Send all of it, as fast as the other side reads. Nobody waits for that: an answer may come before."""
        if self._inbox.is_over:
            return  # which the reader of the answer will find out
        if sum(map(len, message)) <= JOINED_BYTES:
            self._transport.write(b"".join(message))
        else:
            self._transport.writelines(message)

    async def receive(self, clock: CallClock) -> bytes | None:
        """What has arrived, when something has; nothing at the end; None where the alarm is due before.

        Raises `httpx.ReadError`, or `DeadlineError`.
        """
        return await self._inbox.receive(clock)

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
        self._inbox.put(data)

    def eof_received(self) -> None:
        """The other side sends nothing more."""
        self._inbox.end()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by an error or without one."""
        self._inbox.end(exc)

    def _pause(self) -> None:
        self._transport.pause_reading()

    def _resume(self) -> None:
        self._transport.resume_reading()


class Network:
    """Where connections come from; tests put another in its place."""

    async def connect(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        """A connection on which every send leaves at once; TLS where there is a context. Raises OSError."""
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
