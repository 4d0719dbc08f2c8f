"""Items as other releases and people have written them, past the stores of this one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from gateway.access.keys import hash_key
from gateway.storage.attribute_values import ForeignValue, encode_all
from gateway.storage.open import open_store
from gateway.storage.protocol import Item, ItemType

from tests.loop import run

NOVEMBER = """
CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    version INTEGER NOT NULL,
    ttl INTEGER,
    attributes TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID
"""
"""The table of the embedded store as the release of November 2026 makes it."""
NOVEMBER_INSERT = "INSERT INTO items (version, ttl, attributes, pk, sk) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Stored:
    """One item as it lies in the store."""

    pk: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    type: str | None = None
    sk: str = "META"
    version: object = 1
    ttl: int | None = None


KEY = "a-key-of-november"
PARTITION = f"KEY#{hash_key(KEY)}"
RECORD: Mapping[str, Any] = {
    "id": "key_0123456789abcdef",
    "name": "alice",
    "hint": "a-…",
    "owner": "team-a",
    "role": "user",
    "status": "active",
    "plan": "standard",
    "created": 1_796_000_000,
    "expires": None,
    "allowed_models": ["gpt-5"],
    "budget_day": None,
    "budget_month": 5_000_000,
}
LEARNT = {"refused_fields": ["top_p"]}
ENDS = 1_796_086_400
OF_NOVEMBER = (
    Stored(PARTITION, RECORD, version=3),
    Stored("QUIRK#openai#gpt-5", LEARNT, ttl=ENDS),
)
"""A key, and what a refusal has taught: under the sort key of keys."""

SPOILT_KEY = "a-key-whose-record-is-spoilt"
SPOILT_PARTITION = f"KEY#{hash_key(SPOILT_KEY)}"
SPOILT_ID = f"key_{hash_key(SPOILT_KEY)[:16]}"
FOREIGN = (
    Stored("SOMETHING#new", {"id": "key_of_something", "name": "alice", "status": "active"}, "something"),
    Stored("KEY#of-another-type", {"id": "key_of_another", "name": "alice", "status": "active"}, "something"),
    Stored("KEY#learnt", LEARNT, "traits"),
    Stored("KEY#with-another-sort-key", {"name": "alice"}, sk="USAGE"),
    Stored("TRAITS#no-type", LEARNT),
    Stored("ANOTHER#key", RECORD, "key"),
    Stored("ANOTHER#no-type", RECORD),
    Stored(SPOILT_PARTITION, {}),
)
"""Of a later release, under the prefix of another type, without a type where there never was an item, and spoilt."""


def items_of_every_type(ttl: int | None = None) -> list[Item]:
    """What this release writes: an item of each type but keys, which a registry makes."""
    return [Item(f"{each.prefix}openai#gpt-5", "META", each, LEARNT, ttl=ttl) for each in ItemType if each != "key"]


def write(setting: str, items: Iterable[Stored]) -> None:
    """Write into the store that a setting names; a file that is not there is made as in November."""
    kind, _, name = setting.partition(":")
    if kind == "sqlite":
        _write_rows(Path(name), items)
        return
    for item in items:
        own = {"pk": item.pk, "sk": item.sk, "type": item.type, "version": item.version, "ttl": item.ttl}
        present = {name: value for name, value in own.items() if value is not None}
        boto3.client("dynamodb").put_item(TableName=name, Item=encode_all({**item.attributes, **present}))


def fill(setting: str) -> None:
    """Every type of item that there is or was, and some that cannot be told."""
    write(setting, OF_NOVEMBER)
    with closing(open_store(setting)) as store:
        for item in items_of_every_type():
            run(store.put(item, replaces=None))
    write(setting, FOREIGN)


def _write_rows(path: Path, items: Iterable[Stored]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(NOVEMBER)
        for item in items:
            attributes = json.dumps(dict(item.attributes), default=_foreign)
            # The column takes any type but no NULL.
            version = item.version if isinstance(item.version, int) else str(item.version)
            database.execute(NOVEMBER_INSERT, (version, item.ttl, attributes, item.pk, item.sk))
            if item.type is not None:
                where = (item.type, item.pk, item.sk)
                database.execute("UPDATE items SET type = ? WHERE pk = ? AND sk = ?", where)


def _foreign(value: object) -> object:
    assert isinstance(value, ForeignValue)
    return value.written
