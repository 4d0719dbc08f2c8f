"""The local server as a whole: the two HTTP servers, the pools between them, and their coming and going."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from gateway.settings import read_settings

from edgeway.local.api_gateway import ApiGateway
from edgeway.local.fork_server import ForkServer, ForkServerEvents
from edgeway.local.generations import Clients
from edgeway.local.http_server import HttpServer
from edgeway.local.pools import Pool
from edgeway.local.request_lines import Reporter
from edgeway.local.runtime_api import RuntimeApi
from edgeway.local.settings import BOOTSTRAP, Settings
from edgeway.local.template import Function, TemplateError
from edgeway.served_models import asking_servers

WORKER_KEEP_ALIVE_SECONDS = 3600
"""A worker's connection is silent for as long as it serves an invocation."""


class LocalServer:
    """Serves the functions of a template on `listener`."""

    def __init__(self, settings: Settings, request_lines: Reporter, listener: socket.socket) -> None:
        self._settings = settings
        self._request_lines = request_lines
        self._listener = listener
        self._clients = Clients()
        self._gateway = ApiGateway(request_lines, settings.sizes)
        self._callers = HttpServer(self._gateway, settings.keep_alive, drain_seconds=settings.grace)
        runtime_api = RuntimeApi(self._clients.workers, self._clients.generations, settings.region)
        self._workers = HttpServer(runtime_api, WORKER_KEEP_ALIVE_SECONDS)
        self._runtime_api = ""
        self._functions: tuple[Function, ...] = ()
        self._pools: dict[str, Pool] = {}

    @property
    def sources(self) -> set[Path]:
        """What the functions are made of: folders, layers, the template, the runtime and the operator's file."""
        folders = (path for function in self._functions for path in (function.code, *function.layers))
        # The operator's file lies in a layer as a link, and a change of what a link leads to is not seen there.
        return {self._settings.template, self._settings.configuration, BOOTSTRAP.parent, *folders}

    @property
    def unusable(self) -> list[str]:
        """The functions that cannot start."""
        return [name for name, pool in self._pools.items() if not pool.is_usable]

    async def start(self) -> None:
        """Return when every function can serve, or cannot, and callers are let in."""
        listener = bind("127.0.0.1", 0)
        self._runtime_api = "{}:{}".format(*listener.getsockname())
        await self._workers.start(listener)
        await self._load(self._settings.functions())
        await self._callers.start(self._listener)

    async def reload(self) -> None:
        """Serve what the source is now. What runs on the old source finishes there."""
        self._request_lines.forget_prices()
        try:
            functions = self._settings.functions()
        except TemplateError as error:
            self.say("template", str(error))
            return
        await self._load(functions)

    async def stop(self, grace_seconds: float) -> None:
        """Stop accepting, let running requests finish for a while, and end every process."""
        self._callers.stop_accepting()
        unanswered = [ended for pool in self._pools.values() for ended in pool.unanswered]
        if unanswered:
            await asyncio.wait(unanswered, timeout=grace_seconds)
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        await self._callers.wait_stopped()
        await self._workers.wait_stopped()

    def say(self, origin: str, line: str) -> None:
        """Print a line with where it comes from."""
        self._request_lines.say(origin, line)

    async def _load(self, functions: tuple[Function, ...]) -> None:
        gone = self._pools.keys() - {function.name for function in functions}
        for function in functions:
            if function.name not in self._pools:
                self._pools[function.name] = self._pool(function)
        self._functions = functions
        self._gateway.route(functions, self._pools)
        await asyncio.gather(*(self._pools[function.name].start(function) for function in functions))
        await asyncio.gather(*(self._pools.pop(name).close() for name in gone))

    def _pool(self, function: Function) -> Pool:
        print_line = partial(self._request_lines.say, function.name)
        return Pool(function, self._settings.limits, self._launch, self._clients, print_line)

    def _launch(self, function: Function, client_id: str, events: ForkServerEvents) -> ForkServer:
        return ForkServer(
            command=[str(BOOTSTRAP), sys.executable],
            environment=self._settings.environment(function, f"{self._runtime_api}/{client_id}"),
            runtime_api=self._runtime_api,
            events=events,
            print_line=partial(self._request_lines.output, function.name),
        )


@asynccontextmanager
async def running(settings: Settings, request_lines: Reporter, listener: socket.socket) -> AsyncIterator[LocalServer]:
    """Run a server for as long as the block lasts, which asks the operator's own servers what they serve."""
    environ = {**settings.operator, **settings.region_variables}
    with asking_servers(read_settings(environ), environ) as variables:
        forced = {**settings.forced, **variables}
        server = LocalServer(replace(settings, forced=forced), request_lines, listener)
        try:
            await server.start()
            yield server
        finally:
            await server.stop(settings.grace)


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. OSError: the port is taken, or the host is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)
