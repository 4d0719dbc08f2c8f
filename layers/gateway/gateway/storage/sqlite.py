"""The embedded store: one SQLite file that several processes share."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from gateway.storage.protocol import Change, ConflictError, Item, ItemType, StoreError, UnmetError

P = ParamSpec("P")
T = TypeVar("T")

_VERSION = 1
"""Of the file, as `PRAGMA user_version` has it. It rises when this release could spoil what a later one has written."""
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
_ENDS = "CREATE INDEX IF NOT EXISTS ends ON items (ttl) WHERE ttl IS NOT NULL"
_STORED_VERSION = "CASE typeof(version) WHEN 'integer' THEN version ELSE 0 END"
_SELECT = f"SELECT pk, sk, type, attributes, {_STORED_VERSION}, ttl FROM items"  # noqa: S608 a constant
_INSERT = """
INSERT INTO items (version, ttl, attributes, type, pk, sk) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_UPDATE = f"""
UPDATE items SET version = ?, ttl = ?, attributes = ?, type = ? WHERE pk = ? AND sk = ? AND {_STORED_VERSION} = ?
"""  # noqa: S608 a constant
_REPLACE = "REPLACE INTO items (version, ttl, attributes, type, pk, sk) VALUES (?, ?, ?, ?, ?, ?)"
_IS_TAKEN = "SELECT EXISTS (SELECT 1 FROM items WHERE pk = ? AND sk = ?)"
_HAS_EXPIRED = "SELECT EXISTS (SELECT 1 FROM items WHERE ttl <= ?)"
_REMOVE_EXPIRED = """
DELETE FROM items WHERE (pk, sk) IN (SELECT pk, sk FROM items WHERE ttl <= ? ORDER BY ttl LIMIT ?)
"""
SWEEP_SECONDS = 60.0
SWEPT_AT_ONCE = 500
"""A write waits for no more removals than these: milliseconds."""
_WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.05


class SqliteStore:
    """The items of one file. One thread reads and writes it, so that a slow disk or a lock blocks nothing else.

    Expired items are removed when the file is opened, and by a write once a minute. `clock` gives seconds since the
    epoch. Every method raises `StoreError` or OSError where the file cannot be used.
    """

    def __init__(self, path: str, *, clock: Callable[[], float]) -> None:
        self._file = _File(path, clock=clock)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def get(self, pk: str, sk: str) -> Item | None:
        """Return the item; None where there is none."""
        return await self._do(self._file.get, pk, sk)

    async def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces`. None: there must be no item yet."""
        await self._do(self._file.put, item, replaces)

    async def change(self, change: Change) -> Item:
        """Write a part of an item where the change's conditions hold. Return the item after the write."""
        return await self._do(self._file.change, change)

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """Return the items of a partition whose sort key begins with `sk_prefix`, in the order of the sort key."""
        return await self._do(self._file.query, pk, sk_prefix)

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        """Return every item of this type, in the order of the keys."""
        return await self._do(self._file.scan, item_type)

    async def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""
        await self._do(self._file.delete, pk, sk)

    def close(self) -> None:
        """Close the file when the running calls have ended. The next call opens it again."""
        self._thread.submit(self._file.close).result()

    async def _do(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._thread.submit(action, *args, **kwargs))


class _File:
    """The file. It is opened on first use."""

    def __init__(self, path: str, *, clock: Callable[[], float]) -> None:
        self._path = Path(path)
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._swept_at = 0.0

    def get(self, pk: str, sk: str) -> Item | None:
        return next(iter(self._read(" WHERE pk = ? AND sk = ?", pk, sk)), None)

    def put(self, item: Item, replaces: int | None) -> None:
        values = _values(item)
        with self._database() as database:
            self._sweep_in_time(database)
            if replaces is None:
                written = database.execute(_INSERT, values)
            else:
                written = database.execute(_UPDATE, (*values, replaces))
        if written.rowcount != 1:
            raise ConflictError(f"{item.pk} {item.sk} is not at version {replaces}")

    def change(self, change: Change) -> Item:
        with self._database() as database:
            self._sweep_in_time(database)
            database.execute("BEGIN IMMEDIATE")
            with database:
                found = self.get(change.pk, change.sk)
                is_foreign = found is None and database.execute(_IS_TAKEN, (change.pk, change.sk)).fetchone()[0]
                attributes = found.attributes if found else {}
                if is_foreign or not change.holds(attributes):
                    raise UnmetError(change, found)
                version = found.version if found else 0
                ttl = found.ttl if change.ttl is None and found else change.ttl
                item = Item(change.pk, change.sk, change.type, change.applied(attributes), version + 1, ttl)
                database.execute(_REPLACE, _values(item))
        return item

    def query(self, pk: str, sk_prefix: str) -> Sequence[Item]:
        return self._read(" WHERE pk = ? AND substr(sk, 1, ?) = ? ORDER BY sk", pk, len(sk_prefix), sk_prefix)

    def scan(self, item_type: ItemType) -> Sequence[Item]:
        prefix = item_type.prefix
        items = self._read(" WHERE substr(pk, 1, ?) = ? ORDER BY pk, sk", len(prefix), prefix)
        return [item for item in items if item.type is item_type]

    def delete(self, pk: str, sk: str) -> None:
        with self._database() as database:
            database.execute("DELETE FROM items WHERE pk = ? AND sk = ?", (pk, sk))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, condition: str, *values: object) -> list[Item]:
        with self._database() as database:
            rows = database.execute(_SELECT + condition, values).fetchall()
        return [item for row in rows if (item := _item(*row))]

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is None:
                self._connection = self._opened()
                self._sweep(self._connection)
            yield self._connection
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Its owner's alone: what an operator chose as a key can be guessed from its hash.
        self._path.touch(mode=0o600)
        # Each statement is its own transaction.
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, self._path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _sweep_in_time(self, database: sqlite3.Connection) -> None:
        if not 0 <= self._clock() - self._swept_at < SWEEP_SECONDS:  # the clock may be set back
            self._sweep(database)

    def _sweep(self, database: sqlite3.Connection) -> None:
        """Remove expired items, or a part of them where they are many. The next write removes more."""
        now = self._clock()
        # To look costs no lock.
        if database.execute(_HAS_EXPIRED, (int(now),)).fetchone()[0]:
            removed = database.execute(_REMOVE_EXPIRED, (int(now), SWEPT_AT_ONCE)).rowcount
            if removed == SWEPT_AT_ONCE:
                return
        self._swept_at = now


def _values(item: Item) -> tuple[object, ...]:
    return item.version, item.ttl, json.dumps(dict(item.attributes)), item.type, item.pk, item.sk


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the table, or bring it up to date. One process does it while the others wait."""
    connection.text_factory = lambda written: written.decode("utf-8", "replace")
    connection.execute("PRAGMA synchronous = NORMAL")
    if _version(connection) < _VERSION:
        _write_ahead(connection)
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            _bring_up_to_date(connection)
    if _version(connection) > _VERSION:
        raise StoreError(f"{path}: a later release of Edgeway has written it, so only that or a later one may use it")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and one writer work side by side. SQLite does not wait for the lock that this needs, so we do."""
    for _ in range(int(_WAIT_SECONDS / _PAUSE_SECONDS)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        else:
            return
        time.sleep(_PAUSE_SECONDS)
    connection.execute("PRAGMA journal_mode = WAL")


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    connection.execute(_SCHEMA)
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(items)")}
    if "type" not in columns:  # as in November 2026
        # Empty in what is there, and in what a process of that release still writes.
        connection.execute("ALTER TABLE items ADD COLUMN type TEXT")
    connection.execute(_ENDS)
    if _version(connection) < _VERSION:
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _item(pk: str, sk: str, written: object, attributes: object, version: int, ttl: object) -> Item | None:
    item_type = ItemType.of_stored(pk, sk, written)
    if item_type is None:
        return None
    return Item(pk, sk, item_type, _attributes(attributes), version, ttl if isinstance(ttl, int) else None)


def _attributes(written: Any) -> dict[str, Any]:
    """Return the attributes; none where they cannot be read, so that the reader of the item sees what is missing."""
    try:
        read = json.loads(written)
    except (TypeError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
