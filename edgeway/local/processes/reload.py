"""Serving what the source is now: a change of a function, a layer or the template replaces the processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from watchfiles import awatch

from edgeway.local.api_gateway.template import TemplateError
from edgeway.local.processes.settings import Settings


class Replaceable(Protocol):
    """What serves: a supervisor."""

    async def replace(self) -> None:
        """Serve what the source is now."""


@asynccontextmanager
async def reloading(server: Replaceable, settings: Settings, say: Callable[[str, str], None]) -> AsyncIterator[None]:
    """Watch the source for as long as the block lasts."""
    stop = asyncio.Event()
    watch = asyncio.create_task(_watch(server, settings, say, stop))
    try:
        yield
    finally:
        stop.set()
        await watch


async def _watch(server: Replaceable, settings: Settings, say: Callable[[str, str], None], stop: asyncio.Event) -> None:
    sources = settings.sources()
    try:
        while not stop.is_set():
            async for _ in awatch(*filter(Path.exists, sources), stop_event=stop):
                try:
                    # A template may name other folders than before.
                    sources = settings.sources()
                except TemplateError as error:
                    say("template", str(error))
                else:
                    await server.replace()
                break
    except OSError as error:  # most often: the system's limit of watched files
        say("reload", f"changes are no longer seen: {error}")
