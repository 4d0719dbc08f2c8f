"""Writers that race for the next version of one item."""

from __future__ import annotations

from asyncio import sleep

from gateway.storage.protocol import ConflictError, Item, ItemType, Store

PK, SK = "KEY#raced", "BUDGET#2025-11"
START = "KEY#start"
A_TURN = 0.002
"""Seconds in which another writer gets to work."""


async def race(store: Store, number: int, writers: int, last_version: int) -> list[int]:
    """Wait for the others, then make new versions until the last one is there; those that this writer made."""
    made: list[int] = []
    await store.put(Item(START, str(number), ItemType.KEY), replaces=None)
    while len(await store.query(START)) < writers:  # noqa: ASYNC110 some of them are other processes
        await sleep(A_TURN)
    while True:
        found = await store.get(PK, SK)
        version = found.version + 1 if found else 1
        if version > last_version:
            return made
        try:
            attributes = {"spent": [*(found.attributes["spent"] if found else ()), str(version)]}
            item = Item(PK, SK, ItemType.KEY, attributes, version)
            await store.put(item, replaces=found.version if found else None)
        except ConflictError:
            continue
        made.append(version)
        await sleep(A_TURN)  # or one that is never interrupted might make them all
