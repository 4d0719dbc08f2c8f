"""uvicorn as this server needs it: no signals of its own, and errors in Anthropic's shape."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import uuid
from collections.abc import Iterator
from math import ceil
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from edgeway.local import failures
from edgeway.local.gathering import GatheringTransport

_OFFER_OF_HTTP2: Final = re.compile(rb"\r\nupgrade(: *h2c\r\n)", re.IGNORECASE)


class Protocol(HttpToolsProtocol):
    """HTTP/1.1."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Write what belongs together at once."""
        super().connection_made(GatheringTransport(transport))

    def data_received(self, data: bytes) -> None:
        """Pass over an offer of HTTP/2, as a server may: httptools takes it for accepted, and skips the body.

        Java's own HTTP client makes that offer with every first request.
        """
        if b"h2c" in data and (self.cycle is None or not self.cycle.more_body):
            head, end, body = data.partition(b"\r\n\r\n")
            data = _OFFER_OF_HTTP2.sub(rb"\r\nx-grade\1", head + end) + body
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; there is no request yet that an application could answer."""
        request_id = f"req_{uuid.uuid4().hex}"
        body = failures.bad_request(msg).body(request_id)
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"request-id: {request_id}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class HttpServer(uvicorn.Server):
    """Serves one ASGI application on a socket that is bound already."""

    def __init__(self, application: Any, keep_alive_seconds: int, *, drain_seconds: float = 0) -> None:
        """Take for how long a connection may idle, and what running requests have to finish in the end."""
        super().__init__(
            uvicorn.Config(
                application,
                http=Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                # Both applications log their own failures. uvicorn would report every answer that they break off.
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=keep_alive_seconds,
                timeout_graceful_shutdown=5 + ceil(drain_seconds),
            )
        )
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, listener: socket.socket) -> None:
        """Return as soon as it accepts connections."""
        self._task = asyncio.create_task(self.serve(sockets=[listener]))
        await self._listening.wait()

    def stop_accepting(self) -> None:
        """Accept nothing more; what runs goes on."""
        self.should_exit = True

    async def wait_stopped(self) -> None:
        """Wait until the last connection is closed."""
        self.should_exit = True
        if self._task is not None:
            await self._task

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Extend uvicorn's own."""
        await super().startup(sockets)
        self._listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: whoever starts the server handles them."""
        yield
