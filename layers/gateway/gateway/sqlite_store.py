"""The embedded store: one SQLite file that several processes share."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.store import ConflictError, Item, ItemType

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    version INTEGER NOT NULL,
    ttl INTEGER,
    attributes TEXT NOT NULL,
    type TEXT,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID
"""
_VERSION = 1
"""Of the file, as `PRAGMA user_version` has it. Files of version 0 have no column for the type."""
_SELECT = "SELECT pk, sk, type, attributes, version, ttl FROM items"
_INSERT = """
INSERT INTO items (version, ttl, attributes, type, pk, sk) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_UPDATE = """
UPDATE items SET version = ?, ttl = ?, attributes = ?, type = ? WHERE pk = ? AND sk = ? AND version = ?
"""
_WAIT_SECONDS = 10.0


class SqliteStore:
    """Opened on first use, so that a process that forks does not share a connection with its children."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._connection: sqlite3.Connection | None = None

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, if there is one."""
        row = self._database().execute(_SELECT + " WHERE pk = ? AND sk = ?", (pk, sk)).fetchone()
        return _item(*row) if row else None

    def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces`; None where there must be none."""
        attributes = json.dumps(dict(item.attributes))
        values: tuple[object, ...] = (item.version, item.ttl, attributes, item.type, item.pk, item.sk)
        database = self._database()
        if replaces is None:
            statement = _INSERT
        else:
            statement = _UPDATE
            values = (*values, replaces)
        if database.execute(statement, values).rowcount != 1:
            raise ConflictError(f"{item.pk} {item.sk} is not at version {replaces}")

    def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """The items of a partition whose sort key begins so, in the order of the sort key."""
        rows = self._database().execute(
            _SELECT + " WHERE pk = ? AND substr(sk, 1, ?) = ? ORDER BY sk",
            (pk, len(sk_prefix), sk_prefix),
        )
        return _items(rows)

    def scan(self, item_type: ItemType) -> Sequence[Item]:
        """Every item of this type, in the order of the keys."""
        prefix = item_type.prefix
        rows = self._database().execute(_SELECT + " WHERE substr(pk, 1, ?) = ? ORDER BY pk, sk", (len(prefix), prefix))
        return [item for item in _items(rows) if item.type is item_type]

    def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""
        self._database().execute("DELETE FROM items WHERE pk = ? AND sk = ?", (pk, sk))

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Its owner's alone: what an operator chose as a key can be guessed from its hash.
            self._path.touch(mode=0o600)
            # Each statement is its own transaction; one thread at a time uses the connection.
            connection = sqlite3.connect(
                self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            _prepare(connection)
            self._connection = connection
        return self._connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the table, or bring it up to date. Of several processes one does it, and the others wait."""
    if _version(connection) == _VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if _version(connection) == 0:
            connection.execute(_SCHEMA)
            columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(items)")}
            if "type" not in columns:
                # Empty in what is there, and in what a process of the last release still writes.
                connection.execute("ALTER TABLE items ADD COLUMN type TEXT")
            connection.execute(f"PRAGMA user_version = {_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _items(rows: Iterable[tuple[Any, ...]]) -> list[Item]:
    return [item for row in rows if (item := _item(*row))]


def _item(pk: str, sk: str, written: str | None, attributes: str, version: int, ttl: int | None) -> Item | None:
    item_type = ItemType.of_stored(pk, sk, written)
    return Item(pk, sk, item_type, json.loads(attributes), version, ttl) if item_type else None
