"""A process that opens a store at the same time as others, for tests that start several."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing

from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store
from gateway.storage.protocol import ItemType


def open_at(setting: str, moment: float, name: str) -> list[str]:
    """Wait for the moment, open the store, make a key; the names of the keys that were there or came."""
    while time.time() < moment:
        pass
    return asyncio.run(_names(setting, name))


async def _names(setting: str, name: str) -> list[str]:
    with closing(open_store(setting)) as store:
        await KeyRegistry(store, clock=time.time).create(name)
        return [str(item.attributes["name"]) for item in await store.scan(ItemType.KEY)]
