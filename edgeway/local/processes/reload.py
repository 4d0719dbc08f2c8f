"""Replaces the processes when a function, a layer, the template or edgeway.toml changes."""

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
    await asyncio.sleep(0)  # it watches from its first step on: what changes from now on is seen
    try:
        yield
    finally:
        stop.set()
        await watch


async def _watch(server: Replaceable, settings: Settings, say: Callable[[str, str], None], stop: asyncio.Event) -> None:
    watched = _existing(settings)
    try:
        while not stop.is_set():
            # What changes while processes are replaced comes with the next round.
            async for _ in awatch(*watched, stop_event=stop):
                try:
                    existing = _existing(settings)
                except TemplateError as error:
                    say("template", str(error))
                    continue
                await server.replace()
                if existing != watched:  # a template may name other folders than before
                    watched = existing
                    break
    except OSError as error:  # most often: the system's limit of watched files
        say("reload", f"changes are no longer seen: {error}")


def _existing(settings: Settings) -> set[Path]:
    return {source for source in settings.sources() if source.exists()}
