"""The embedded store: one SQLite file that several processes share."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from gateway.storage.protocol import ConflictError, Item

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    version INTEGER NOT NULL,
    ttl INTEGER,
    attributes TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID
"""
_SELECT = "SELECT pk, sk, attributes, version, ttl FROM items"
_WAIT_SECONDS = 10.0


class SqliteStore:
    """Opened on first use, so that a process that forks does not share a connection with its children."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._connection: sqlite3.Connection | None = None

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, if there is one."""
        row = self._database().execute(_SELECT + " WHERE pk = ? AND sk = ?", (pk, sk)).fetchone()
        return _item(row) if row else None

    def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces`; None where there must be none."""
        attributes = json.dumps(dict(item.attributes))
        database = self._database()
        if replaces is None:
            statement = (
                "INSERT INTO items (version, ttl, attributes, pk, sk) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
            )
            values: tuple[object, ...] = (item.version, item.ttl, attributes, item.pk, item.sk)
        else:
            statement = "UPDATE items SET version = ?, ttl = ?, attributes = ? WHERE pk = ? AND sk = ? AND version = ?"
            values = (item.version, item.ttl, attributes, item.pk, item.sk, replaces)
        if database.execute(statement, values).rowcount != 1:
            raise ConflictError(f"{item.pk} {item.sk} is not at version {replaces}")

    def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """The items of a partition whose sort key begins so, in the order of the sort key."""
        rows = self._database().execute(
            _SELECT + " WHERE pk = ? AND substr(sk, 1, ?) = ? ORDER BY sk",
            (pk, len(sk_prefix), sk_prefix),
        )
        return [_item(row) for row in rows]

    def scan(self, sk: str) -> Sequence[Item]:
        """Every item with this sort key, whatever its partition."""
        rows = self._database().execute(_SELECT + " WHERE sk = ? ORDER BY pk", (sk,))
        return [_item(row) for row in rows]

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
            connection.execute(_SCHEMA)
            self._connection = connection
        return self._connection


def _item(row: tuple[str, str, str, int, int | None]) -> Item:
    pk, sk, attributes, version, ttl = row
    return Item(pk, sk, json.loads(attributes), version, ttl)
