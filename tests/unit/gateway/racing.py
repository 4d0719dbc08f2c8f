"""Writers that race for the next version of one item."""

from __future__ import annotations

from gateway.store import ConflictError, Item
from gateway.stores import open_store

PK, SK = "KEY#raced", "BUDGET#2025-11"


def race(setting: str, last_version: int) -> list[int]:
    """Make new versions until the last one is there; the versions that this writer made, as it was told."""
    store = open_store(setting)
    made: list[int] = []
    try:
        while True:
            found = store.get(PK, SK)
            version = found.version + 1 if found else 1
            if version > last_version:
                return made
            try:
                attributes = {"spent": [*(found.attributes["spent"] if found else ()), str(version)]}
                store.put(Item(PK, SK, attributes, version), replaces=found.version if found else None)
            except ConflictError:
                continue
            made.append(version)
    finally:
        store.close()
