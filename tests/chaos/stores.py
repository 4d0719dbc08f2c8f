"""Faults of the store: locked, slow, spoilt, gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable
from contextlib import closing
from functools import partial
from pathlib import Path

from tests.chaos.cells import Caller, Cell


async def locked(store: Path, caller: Caller) -> Cell:
    """Somebody else holds the store for a second."""
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asked = _both(caller)
        await asyncio.sleep(1)
        other.execute("ROLLBACK")
        return await _cell("the store is locked for a second", asked, caller)


async def slow(store: Path, caller: Caller) -> Cell:
    """Somebody else holds the store again and again, for three seconds."""
    asked = _both(caller)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        for _ in range(15):
            other.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(0.18)
            other.execute("ROLLBACK")
            await asyncio.sleep(0.02)
    return await _cell("the store is slow", asked, caller)


async def spoilt(store: Path, caller: Caller, *, is_gone: bool) -> Cell:
    """The store's file is overwritten, or gone. What is remembered of a key holds for half a minute."""
    kept = await asyncio.to_thread(store.read_bytes)
    await asyncio.to_thread(store.unlink if is_gone else partial(store.write_bytes, b"no database" * 1000))
    saw, unlawful = await caller.ask("openai/hostile/plain", stream=True)
    await asyncio.to_thread(store.write_bytes, kept)
    return Cell(f"the store is {'gone' if is_gone else 'spoilt'}", saw, unlawful, await caller.fares_well())


def _both(caller: Caller) -> asyncio.Future[list[tuple[str, str]]]:
    """Somebody without a budget, who needs the store for nothing, and somebody with one."""
    asks: list[Awaitable[tuple[str, str]]] = [
        caller.ask("openai/hostile/plain", stream=True, is_limited=is_limited) for is_limited in (False, True)
    ]
    return asyncio.gather(*asks)


async def _cell(name: str, asked: asyncio.Future[list[tuple[str, str]]], caller: Caller) -> Cell:
    seen = await asked
    saw, unlawful = ", ".join(saw for saw, _ in seen), next((why for _, why in seen if why), "")
    return Cell(name, saw, unlawful, await caller.fares_well() or await caller.fares_well(is_limited=True))
