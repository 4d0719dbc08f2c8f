"""Serving what the source is now: a change of a function, a layer or the template restarts the functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from watchfiles import awatch

from edgeway.local.server import LocalServer


@asynccontextmanager
async def reloading(server: LocalServer) -> AsyncIterator[None]:
    """Watch the source for as long as the block lasts."""
    stop = asyncio.Event()
    watch = asyncio.create_task(_watch(server, stop))
    try:
        yield
    finally:
        stop.set()
        await watch


async def _watch(server: LocalServer, stop: asyncio.Event) -> None:
    try:
        while not stop.is_set():
            # A template may name other folders than before, so what is watched is asked anew after each change.
            async for _ in awatch(*filter(Path.exists, server.sources), stop_event=stop):
                await server.reload()
                break
    except OSError as error:  # most often: the system's limit of watched files
        server.say("reload", f"changes are no longer seen: {error}")
