"""Runs uvicorn on a socket of ours, without its own signals, with our limits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import uvicorn

from edgeway.local.web.connections import Connections, Protocol
from edgeway.local.web.limits import ConnectionLimits


class HttpServer(uvicorn.Server):
    """Serves one ASGI application on a socket that is bound already."""

    def __init__(self, application: Any, limits: ConnectionLimits, keep_alive_seconds: int) -> None:
        """Take for how long a connection may idle."""
        super().__init__(
            uvicorn.Config(
                application,
                http=cast("type[asyncio.Protocol]", partial(Protocol, Connections(limits))),
                ws="none",
                lifespan="off",
                interface="asgi3",
                # The application logs its own failures. uvicorn would report every answer that it breaks off.
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=keep_alive_seconds,
            )
        )
        self.servers = []
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, listener: socket.socket) -> None:
        """Return as soon as it accepts connections."""
        self._task = asyncio.create_task(self.serve(sockets=[listener]))
        await self._listening.wait()

    def stop_accepting(self) -> None:
        """Accept nothing more, at once; what runs goes on."""
        self.should_exit = True
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()

    async def stopped(self, seconds: float | None) -> bool:
        """Wait until the last connection is closed; say whether it is in time."""
        if self._task is None:
            return True
        done, _ = await asyncio.wait([self._task], timeout=seconds)
        return bool(done)

    async def give_up(self) -> None:
        """Close the connections that are left."""
        self.force_exit = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()
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
