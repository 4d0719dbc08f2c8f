"""Runs the local server as one process: API Gateway's part, and the functions behind it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from gateway.storage.open import store_when_needed
from gateway.web.uninterrupted import settled

from edgeway.local.api_gateway import revocations
from edgeway.local.api_gateway.application import ApiGateway
from edgeway.local.api_gateway.functions import LoadedFunction, load
from edgeway.local.console.request_lines import Reporter
from edgeway.local.processes.plan import SETTLE_SECONDS
from edgeway.local.processes.settings import Settings
from edgeway.local.web import descriptors
from edgeway.local.web.http_server import HttpServer


class LocalServer:
    """Serves the functions of a template on `listener`."""

    def __init__(self, settings: Settings, reporter: Reporter, listener: socket.socket) -> None:
        self._settings = settings
        self._reporter = reporter
        self._listener = listener
        self._gateway = ApiGateway(reporter, settings.sizes, settings.connections.body_seconds, settings.hosts)
        self._http = HttpServer(self._gateway, settings.connections, settings.keep_alive)
        self._functions: dict[str, LoadedFunction | None] = {}
        self._watches: list[asyncio.Task[None]] = []

    @property
    def unusable(self) -> list[str]:
        """The functions that cannot start."""
        return [name for name, function in self._functions.items() if function is None]

    async def start(self) -> None:
        """Return when every function can serve, or cannot, and callers are let in."""
        functions = self._settings.functions()
        self._functions = {
            function.name: load(
                function, self._settings.environment(function), self._settings.limits, self._reporter.say
            )
            for function in functions
        }
        self._gateway.route(functions, self._functions)
        await self._http.start(self._listener)
        say = partial(self._reporter.say, "server")
        watch = descriptors.watch(say, descriptors.in_use, descriptors.limit(), descriptors.LOOK_SECONDS)
        self._watches.append(asyncio.create_task(watch))
        if self._settings.end_revoked is not None:
            store = store_when_needed(self._settings.forced["EDGEWAY_STORE"], self._settings.operator)
            revoked = revocations.watch(self._gateway.running, store, self._settings.end_revoked, say)
            self._watches.append(asyncio.create_task(revoked))

    async def stop(self, grace_seconds: float | None) -> None:
        """Stop accepting, and let running requests finish for a while; None: for as long as they take."""
        self._http.stop_accepting()
        if not await self._http.stopped(grace_seconds):
            self._gateway.end()
            if not await self._http.stopped(SETTLE_SECONDS):
                await self._http.give_up()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await settled()
        for watch in self._watches:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch


@asynccontextmanager
async def running(settings: Settings, reporter: Reporter, listener: socket.socket) -> AsyncIterator[LocalServer]:
    """Run a server for as long as the block lasts."""
    server = LocalServer(settings, reporter, listener)
    try:
        await server.start()
        yield server
    finally:
        await server.stop(settings.grace)
