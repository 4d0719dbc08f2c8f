"""Runs `edgeway serve` from its start to its end."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from edgeway.container.log_lines import LogLines
from edgeway.local.api_gateway.bodies import Sizes
from edgeway.local.processes.plan import Plan
from edgeway.local.processes.settings import Settings
from edgeway.local.processes.signals import cancel_on_signals
from edgeway.local.processes.supervisor import Supervisor, supervised
from edgeway.local.web.addresses import local_url
from edgeway.local.web.hosts import ITS_OWN, Hosts
from edgeway.local.web.limits import ConnectionLimits, Limits

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
    processes: int
    streams: int
    """Answers at once of one function, in each process."""
    waiting: int
    """Callers that wait for another's end, in each process."""
    connections: int
    """Of each process."""
    connections_of_one_address: int
    """Of each process; a load balancer is one address or a few."""
    largest_body: int
    """Megabytes."""
    bodies_together: int
    """Megabytes."""
    deadline: float
    """What an answer may take."""
    idle_timeout: int
    """The load balancer's."""
    drain: float
    hosts: Hosts = ITS_OWN
    """The names that it answers for."""
    end_revoked: float | None = None
    """Seconds between two looks for revoked keys whose answers still run; None: these go on."""

    def settings(self) -> Settings:
        """What this is for the server, and for the functions."""
        whole = min(self.deadline, max(1.0, self.idle_timeout - WHOLE_ANSWER_MARGIN))
        return Settings(
            processes=self.processes,
            limits=Limits(streams=self.streams, waiting=self.waiting),
            connections=ConnectionLimits(connections=self.connections, of_one_address=self.connections_of_one_address),
            sizes=Sizes(
                body=self.largest_body * MEGABYTE,
                event=None,
                together=self.bodies_together * MEGABYTE,
                whose="the limit of this gateway",
            ),
            hosts=self.hosts,
            end_revoked=self.end_revoked,
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


def log_lines(settings: Settings) -> LogLines:  # noqa: ARG001 every process is told its settings
    """Return what logs the requests of a process, and its failures."""
    log = LogLines(sys.stdout, lambda: datetime.now(UTC))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    return log


async def serve(settings: Settings, listener: socket.socket, log: LogLines) -> None:
    """Serve until a signal comes, and then let running requests finish.

    Raises UnusableError where a function cannot start, now or after its process has died: a server that could answer
    some requests only is of no use, and whoever started it starts another. Raises TemplateError.
    """
    settings.functions()
    cancel_on_signals(asyncio.current_task())
    try:
        async with supervised(Plan(settings, log_lines), listener, partial(log.say, ORIGIN)) as supervisor:
            if not supervisor.unusable:
                log.say(ORIGIN, f"ready on {local_url(listener)}")
            try:
                await _until_unusable(supervisor)
            except asyncio.CancelledError:
                log.say(ORIGIN, f"stopping: running requests have {settings.grace:g} seconds to finish")
                raise
    except asyncio.CancelledError:
        log.say(ORIGIN, "stopped")


async def _until_unusable(supervisor: Supervisor) -> None:
    while not supervisor.unusable:  # noqa: ASYNC110 it changes rarely, in one of several processes
        await asyncio.sleep(WATCH_SECONDS)
    raise UnusableError(f"{', '.join(supervisor.unusable)} cannot start; the reason is in the log")
