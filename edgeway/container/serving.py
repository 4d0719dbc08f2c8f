"""`edgeway serve` from its start to its end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edgeway.container.log_lines import LogLines
from edgeway.local.addresses import local_url
from edgeway.local.bodies import Sizes
from edgeway.local.pools import Limits
from edgeway.local.server import LocalServer, running
from edgeway.local.settings import Settings
from edgeway.local.signals import cancel_on_signals

ORIGIN: Final = "server"
WATCH_SECONDS: Final = 1.0
MEGABYTE: Final = 1024 * 1024

KEEP_ALIVE_MARGIN: Final = 5
"""Seconds that an idle connection lives longer than the load balancer keeps it: it must never be the server that
closes one while a request is on its way, which callers would see as a 502 (AWS, "Troubleshoot your Application Load
Balancers")."""
WHOLE_ANSWER_MARGIN: Final = 15.0
"""Seconds left of the load balancer's patience when an answer that is not streamed is given up."""
INVOCATION_MARGIN: Final = 30.0
"""Seconds that a function has beyond its calls to upstreams, as on Lambda."""


class UnusableError(Exception):
    """Functions cannot start; the log says why."""


@dataclass(frozen=True, slots=True)
class Service:
    """How to serve. Times are in seconds."""

    store: str
    environment: Mapping[str, str]
    workers: int
    """Most of one function."""
    waiting: int
    """Callers that wait for a worker."""
    largest_body: int
    """Megabytes."""
    bodies_together: int
    """Megabytes."""
    deadline: float
    """What an answer may take."""
    idle_timeout: int
    """The load balancer's."""
    drain: float

    def settings(self) -> Settings:
        """What this is for the server, and for the functions."""
        whole = min(self.deadline, max(1.0, self.idle_timeout - WHOLE_ANSWER_MARGIN))
        return Settings(
            limits=Limits(workers=self.workers, waiting=self.waiting),
            sizes=Sizes(
                body=self.largest_body * MEGABYTE,
                event=None,
                together=self.bodies_together * MEGABYTE,
                whose="the limit of this gateway",
            ),
            keep_alive=self.idle_timeout + KEEP_ALIVE_MARGIN,
            streaming_timeout=self.deadline + INVOCATION_MARGIN,
            reload=False,
            grace=self.drain,
            operator=self.environment,
            forced={
                "EDGEWAY_STORE": self.store,
                "EDGEWAY_TRUST_AUTHORIZER": "false",  # nobody but the functions asks who is calling
                "EDGEWAY_ANSWER_SECONDS": str(self.deadline),
                "EDGEWAY_WHOLE_ANSWER_SECONDS": str(whole),
            },
        )


async def serve(settings: Settings, listener: socket.socket, log: LogLines) -> None:
    """Serve until a signal comes, and then let running requests finish.

    Raises UnusableError where a function cannot start, now or after its process has died: a server that could answer
    some requests only is of no use, and whoever started it starts another.
    """
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    cancel_on_signals(asyncio.current_task())
    try:
        async with running(settings, log, listener) as server:
            if not server.unusable:
                log.say(ORIGIN, f"ready on {local_url(listener)}")
            try:
                await _until_unusable(server)
            except asyncio.CancelledError:
                log.say(ORIGIN, f"stopping: running requests have {settings.grace:g} seconds to finish")
                raise
    except asyncio.CancelledError:
        log.say(ORIGIN, "stopped")


async def _until_unusable(server: LocalServer) -> None:
    while not server.unusable:  # noqa: ASYNC110 it changes rarely, in one of several pools
        await asyncio.sleep(WATCH_SECONDS)
    raise UnusableError(f"{', '.join(server.unusable)} cannot start; the reason is in the log")
