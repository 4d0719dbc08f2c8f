"""Runs `edgeway local` from its start to its end."""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from edgeway.local.console.request_lines import RequestLines
from edgeway.local.console.sums import Sums
from edgeway.local.console.terminal import Terminal
from edgeway.local.processes.plan import Plan
from edgeway.local.processes.reload import reloading
from edgeway.local.processes.settings import Settings
from edgeway.local.processes.signals import cancel_on_signals
from edgeway.local.processes.supervisor import supervised
from edgeway.local.web.addresses import local_url


def request_lines(settings: Settings) -> RequestLines:
    """Return what prints the requests of a process."""
    sums = None
    if settings.sums is not None:
        sums = Sums(settings.sums)
        atexit.register(sums.save)
    return RequestLines(Terminal(sys.stdout, os.environ), sums)


async def serve(settings: Settings, listener: socket.socket, terminal: Terminal, screen: Sequence[str]) -> None:
    """Serve until a signal comes, and say what was served. `screen` is what to print once every function can serve.

    Raises TemplateError where there is nothing to serve.
    """
    settings.functions()
    with tempfile.TemporaryDirectory(prefix="edgeway-") as folder:
        sums = Path(folder, "sums.json")
        await _serve(replace(settings, sums=sums), listener, terminal, screen)
        terminal.print("\n".join(["Stopped.", *Sums(sums).lines()]))


async def _serve(settings: Settings, listener: socket.socket, terminal: Terminal, screen: Sequence[str]) -> None:
    terminal.print("Starting the functions …")
    lines = request_lines(settings)
    cancel_on_signals(asyncio.current_task())
    with suppress(asyncio.CancelledError):
        async with AsyncExitStack() as stack:
            plan = Plan(settings, request_lines)
            supervisor = await stack.enter_async_context(supervised(plan, listener, partial(lines.say, "server")))
            if settings.reload:
                await stack.enter_async_context(reloading(supervisor, settings, lines.say))
            terminal.print(terminal.styled(f"Edgeway is ready on {local_url(listener)}", "good") + " (Ctrl+C stops it)")
            terminal.print("\n".join(screen))
            await asyncio.Event().wait()
