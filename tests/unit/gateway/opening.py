"""A process that opens a store at the same time as others, for tests that start several."""

from __future__ import annotations

import time
from contextlib import closing

from gateway.key_records import KeyRegistry
from gateway.store import ItemType
from gateway.stores import open_store


def open_at(setting: str, moment: float, name: str) -> list[str]:
    """Wait for the moment, open the store, make a key; the names of the keys that were there or came."""
    while time.time() < moment:
        pass
    with closing(open_store(setting)) as store:
        KeyRegistry(store, clock=time.time).create(name)
        return [str(item.attributes["name"]) for item in store.scan(ItemType.KEY)]
