"""Conditional writes under contention: processes on the embedded store, threads on DynamoDB as others play it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from gateway.access.keys import hash_key
from gateway.storage.open import open_store
from translator.anthropic.errors import ApiError

from tests.unit.gateway.storage.racing import PK, SK, race
from tests.unit.gateway.stores import MARKS, STORES

WRITERS = 8


def processes() -> Executor:
    return ProcessPoolExecutor(WRITERS, mp_context=multiprocessing.get_context("spawn"))


def threads() -> Executor:
    return ThreadPoolExecutor(WRITERS)


@pytest.mark.parametrize(
    ("kind", "executor", "versions"),
    [
        ("sqlite", processes, 300),
        ("moto", threads, 30),
        pytest.param("dynamodb-local", threads, 300, marks=MARKS["dynamodb-local"]),
    ],
)
def test_each_version_has_one_winner_who_knows_it(
    kind: str, executor: Callable[[], Executor], versions: int, tmp_path: Path
) -> None:
    with STORES[kind](tmp_path) as setting:
        with executor() as pool:
            racers = [pool.submit(race, setting, number, WRITERS, versions) for number in range(WRITERS)]
            made = [racer.result() for racer in racers]
        store = open_store(setting)
        found = store.get(PK, SK)
        store.close()
    everything = list(range(1, versions + 1))
    assert sorted(version for winner in made for version in winner) == everything
    assert len([winner for winner in made if winner]) > 1, "there was no race"
    assert found is not None
    assert (found.version, found.attributes["spent"]) == (versions, [str(version) for version in everything])


def presents(setting: str, key: str) -> str:
    """What a function in another process says to the key; it has just started, so it remembers nothing."""
    store = open_store(setting)
    try:
        Authenticator(KeyRegistry(store, clock=time.time), clock=time.time).authenticate({"x-api-key": key})
    except ApiError as error:
        return error.message
    finally:
        store.close()
    return "welcome"


def test_another_process_sees_a_key_and_its_revocation(tmp_path: Path) -> None:
    setting = f"sqlite:{tmp_path}/edgeway.sqlite3"
    store = open_store(setting)
    registry = KeyRegistry(store, clock=time.time)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        key, record = registry.create("alice")
        assert other.submit(presents, setting, key).result() == "welcome"
        assert registry.find(hash_key(key)) == record
        registry.revoke(record.id)
        assert other.submit(presents, setting, key).result() == "invalid x-api-key: the key has been revoked"
    store.close()
