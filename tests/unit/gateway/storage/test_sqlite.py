"""The file of the embedded store: brought up to date, shared with other releases, and rid of what has expired."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gateway.storage.open import open_store
from gateway.storage.protocol import Item, ItemType, Store, StoreError
from gateway.storage.sqlite import SWEEP_SECONDS, SWEPT_AT_ONCE, SqliteStore

from tests.loop import run
from tests.unit.gateway import stored_items
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.opening import open_at
from tests.unit.gateway.stored_items import NOVEMBER_INSERT, OF_NOVEMBER, PARTITION, Stored

TO_START = 3.0
"""Seconds in which the processes of a race are all there."""

A_TURN = 0.5
"""Seconds in which a thread gets as far as it can."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "edgeway.db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(path: Path, store: Store) -> Iterator[sqlite3.Connection]:
    """Another's look at the file, which the store has made."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        yield database


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    """A store whose file is there."""
    with closing(SqliteStore(str(path), clock=clock)) as store:
        run(store.scan(ItemType.KEY))
        yield store


def rows(database: sqlite3.Connection) -> list[tuple[str, int | None]]:
    return database.execute("SELECT pk, ttl FROM items ORDER BY pk").fetchall()


def learnt(name: str, ttl: int | None, version: int = 1) -> Item:
    return Item(f"TRAITS#{name}", "META", ItemType.TRAITS, {}, version, ttl)


@pytest.mark.parametrize("items", [(), OF_NOVEMBER], ids=["no file", "a file of November"])
def test_processes_that_open_it_together_bring_it_up_to_date_once(items: tuple[Stored, ...], path: Path) -> None:
    if items:
        stored_items.write(f"sqlite:{path}", items)
    names = ["bob", "carol", "dave", "eve"]
    with ProcessPoolExecutor(len(names), mp_context=multiprocessing.get_context("spawn")) as pool:
        moment = time.time() + TO_START
        openings = [pool.submit(open_at, f"sqlite:{path}", moment, name) for name in names]
        seen = [opening.result() for opening in openings]
    before = ["alice"] if items else []
    for name, found in zip(names, seen, strict=True):
        assert {*before, name} <= set(found) <= {*before, *names}
    with closing(open_store(f"sqlite:{path}")) as store:
        assert sorted(str(item.attributes["name"]) for item in run(store.scan(ItemType.KEY))) == [*before, *names]


def test_who_comes_while_another_brings_it_up_to_date_waits(path: Path) -> None:
    stored_items.write(f"sqlite:{path}", OF_NOVEMBER)
    with closing(sqlite3.connect(path, isolation_level=None)) as another, ThreadPoolExecutor(1) as thread:
        another.execute("BEGIN IMMEDIATE")
        another.execute("ALTER TABLE items ADD COLUMN type TEXT")
        opening = thread.submit(open_at, f"sqlite:{path}", 0, "bob")
        with pytest.raises(NotYetError):
            opening.result(A_TURN)
        another.execute("PRAGMA user_version = 1")
        another.execute("COMMIT")
        assert sorted(opening.result()) == ["alice", "bob"]


def test_who_comes_while_another_writes_a_file_that_is_not_written_ahead_waits(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as another, ThreadPoolExecutor(1) as thread:
        another.execute("BEGIN IMMEDIATE")
        opening = thread.submit(open_at, f"sqlite:{path}", 0, "bob")
        with pytest.raises(NotYetError):
            opening.result(A_TURN)
        another.execute("COMMIT")
        assert opening.result() == ["bob"]


def test_a_process_of_the_last_release_goes_on_with_a_file_that_is_up_to_date(
    store: Store, database: sqlite3.Connection
) -> None:
    """While `edgeway local` of November still runs, the command line may be a new one."""
    database.execute(stored_items.NOVEMBER)
    database.execute(NOVEMBER_INSERT, (1, None, '{"name": "alice"}', PARTITION, "META"))
    assert run(store.scan(ItemType.KEY)) == [Item(PARTITION, "META", ItemType.KEY, {"name": "alice"})]


def test_a_file_of_a_later_release_is_left_alone_and_named(path: Path, store: Store) -> None:
    run(store.put(learnt("kept", None), replaces=None))
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA user_version = 2")
        database.execute("ALTER TABLE items RENAME TO everything")
        with pytest.raises(StoreError) as caught:
            run(store.scan(ItemType.KEY))
        assert str(caught.value) == (
            f"{path}: a later release of Edgeway has written it, so only that or a later one may use it"
        )
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    assert tables == [("everything",)]


@pytest.mark.parametrize("operation", ["get", "put", "query", "scan", "delete"])
def test_a_file_that_is_no_database_is_named(operation: str, path: Path, clock: Clock) -> None:
    path.parent.mkdir()
    path.write_text("A text that is longer than the head of a database. " * 9)
    with closing(SqliteStore(str(path), clock=clock)) as store:
        operations: Mapping[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "get": lambda: store.get(PARTITION, "META"),
            "put": lambda: store.put(learnt("new", None), replaces=None),
            "query": lambda: store.query(PARTITION),
            "scan": lambda: store.scan(ItemType.KEY),
            "delete": lambda: store.delete(PARTITION, "META"),
        }
        with pytest.raises(StoreError, match=f"^{path}: file is not a database$"):
            run(operations[operation]())


@pytest.mark.parametrize("attributes", ["", "{", "[]", "null", "5", "[" * 100_000, '{"name": ' + "9" * 5000 + "}"])
def test_attributes_that_cannot_be_read_are_none(attributes: str, store: Store, database: sqlite3.Connection) -> None:
    database.execute(NOVEMBER_INSERT, (1, None, attributes, PARTITION, "META"))
    assert run(store.scan(ItemType.KEY)) == [Item(PARTITION, "META", ItemType.KEY)]


def test_text_that_is_no_utf8_can_be_read(store: Store, database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO items (version, attributes, pk, sk) VALUES (1, CAST(X'7B226E616D65223A2022FF227D' AS TEXT), ?, ?)",
        (PARTITION, "META"),
    )
    assert run(store.scan(ItemType.KEY)) == [Item(PARTITION, "META", ItemType.KEY, {"name": "�"})]


def test_what_has_expired_is_removed_at_the_opening(
    store: Store, database: sqlite3.Connection, path: Path, clock: Clock
) -> None:
    now = int(clock())
    for item in (learnt("a", now), learnt("b", now - 99), learnt("c", now + 1), learnt("d", None)):
        run(store.put(item, replaces=None))
    with closing(SqliteStore(str(path), clock=clock)) as another:
        run(another.get("TRAITS#a", "META"))
    assert rows(database) == [("TRAITS#c", now + 1), ("TRAITS#d", None)]


def test_what_has_expired_is_removed_by_a_write_now_and_then(
    store: Store, database: sqlite3.Connection, clock: Clock
) -> None:
    ends = int(clock()) + 1
    run(store.put(learnt("a", ends), replaces=None))
    clock.now += SWEEP_SECONDS - 1
    run(store.put(learnt("b", None), replaces=None))
    assert rows(database) == [("TRAITS#a", ends), ("TRAITS#b", None)]
    clock.now += 1
    assert run(store.get("TRAITS#b", "META")) == learnt("b", None)
    assert run(store.scan(ItemType.TRAITS)) == [learnt("a", ends), learnt("b", None)]
    run(store.put(learnt("b", None, version=2), replaces=1))
    assert rows(database) == [("TRAITS#b", None)]


def test_a_clock_that_is_set_back_does_not_end_the_removals(
    store: Store, database: sqlite3.Connection, clock: Clock
) -> None:
    clock.now -= 3600
    run(store.put(learnt("a", int(clock()) - 1), replaces=None))
    clock.now -= 10
    run(store.put(learnt("b", None), replaces=None))
    clock.now += SWEEP_SECONDS
    run(store.put(learnt("c", None), replaces=None))
    assert rows(database) == [("TRAITS#b", None), ("TRAITS#c", None)]


def test_a_write_removes_no_more_than_it_can_wait_for_and_the_next_goes_on(
    store: Store, database: sqlite3.Connection, clock: Clock
) -> None:
    ends = int(clock())
    expired = [(1, ends, "{}", f"TRAITS#{number:04}", "META") for number in range(SWEPT_AT_ONCE + 1)]
    database.executemany(NOVEMBER_INSERT, expired)
    clock.now += SWEEP_SECONDS
    run(store.put(learnt("a", None), replaces=None))
    assert len(rows(database)) == 2
    run(store.put(learnt("b", None), replaces=None))
    assert rows(database) == [("TRAITS#a", None), ("TRAITS#b", None)]


def test_to_look_for_what_has_expired_takes_no_lock(
    store: Store, database: sqlite3.Connection, path: Path, clock: Clock
) -> None:
    """Every function opens the store when it starts, while others write."""
    run(store.put(learnt("a", int(clock()) + 1), replaces=None))
    database.execute("BEGIN IMMEDIATE")
    with closing(SqliteStore(str(path), clock=clock)) as another:
        assert run(another.get("TRAITS#a", "META")) == learnt("a", int(clock()) + 1)


def test_waiting_for_a_lock_of_another_process_holds_up_nobody_else(store: Store, database: sqlite3.Connection) -> None:
    async def written() -> bool:
        database.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.put(learnt("a", None), replaces=None))
        done, _ = await asyncio.wait({writing}, timeout=A_TURN)
        database.execute("COMMIT")
        await writing
        return not done

    assert run(written())
    assert rows(database) == [("TRAITS#a", None)]


def test_closing_waits_for_what_is_under_way(store: Store, database: sqlite3.Connection) -> None:
    async def closed() -> None:
        database.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.put(learnt("a", None), replaces=None))
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(store.close))
        done, _ = await asyncio.wait({writing, closing}, timeout=A_TURN)
        assert not done
        database.execute("COMMIT")
        await asyncio.gather(writing, closing)

    run(closed())
    assert rows(database) == [("TRAITS#a", None)]


def test_a_write_whose_request_has_ended_is_whole(store: Store, database: sqlite3.Connection) -> None:
    async def cancelled() -> None:
        database.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.put(learnt("a", None), replaces=None))
        await asyncio.sleep(A_TURN)
        writing.cancel()
        await asyncio.wait({writing})
        database.execute("COMMIT")

    run(cancelled())
    assert run(store.get("TRAITS#a", "META")) == learnt("a", None)


def test_what_is_closed_is_opened_again_by_its_next_use(store: Store) -> None:
    run(store.put(learnt("a", None), replaces=None))
    store.close()
    assert run(store.get("TRAITS#a", "META")) == learnt("a", None)
