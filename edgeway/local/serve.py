"""`edgeway local` from its start to its end: what it prints first, its signals, and a clean stop."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from gateway.routing.directory import configuration_of
from gateway.settings import read_settings

from edgeway.local.console.prices import PriceList
from edgeway.local.console.request_lines import RequestLines
from edgeway.local.console.terminal import Terminal
from edgeway.local.processes.plan import Plan
from edgeway.local.processes.reload import reloading
from edgeway.local.processes.settings import Settings
from edgeway.local.processes.signals import cancel_on_signals
from edgeway.local.processes.supervisor import supervised
from edgeway.local.web.addresses import local_url


def request_lines(settings: Settings) -> RequestLines:
    """Return what prints the requests of a process."""
    prices = PriceList(lambda: configuration_of(read_settings(settings.operator)).catalogue)
    return RequestLines(Terminal(sys.stdout, os.environ), prices)


async def serve(settings: Settings, listener: socket.socket, terminal: Terminal, screen: Sequence[str]) -> None:
    """Serve until a signal comes. `screen` is what to print once every function can serve.

    Raises TemplateError where there is nothing to serve.
    """
    settings.functions()
    terminal.print("Starting the functions …")
    lines = request_lines(settings)
    cancel_on_signals(asyncio.current_task())
    try:
        async with AsyncExitStack() as stack:
            plan = Plan(settings, request_lines)
            supervisor = await stack.enter_async_context(supervised(plan, listener, partial(lines.say, "server")))
            if settings.reload:
                await stack.enter_async_context(reloading(supervisor, settings, lines.say))
            terminal.print(terminal.styled(f"Edgeway is ready on {local_url(listener)}", "good") + " (Ctrl+C stops it)")
            terminal.print("\n".join(screen))
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        terminal.print("Stopped.")
