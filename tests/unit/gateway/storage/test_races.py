"""Conditional writes under contention: of processes on the embedded store, and of tasks on every store."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from gateway.access.keys import hash_key
from gateway.storage.open import open_store
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.storage.racing import PK, SK, race
from tests.unit.gateway.stores import MARKS, STORES

WRITERS = 8
Race = Callable[[str, int], list[list[int]]]


def processes(setting: str, versions: int) -> list[list[int]]:
    """Each writer has an opening and a process of its own."""
    with ProcessPoolExecutor(WRITERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        racers = [pool.submit(alone, setting, number, versions) for number in range(WRITERS)]
        return [racer.result() for racer in racers]


def alone(setting: str, number: int, versions: int) -> list[int]:
    with closing(open_store(setting)) as store:
        return asyncio.run(race(store, number, WRITERS, versions))


def tasks(setting: str, versions: int) -> list[list[int]]:
    """The writers share a loop and an opening, as the requests of one process do."""

    async def together() -> list[list[int]]:
        return await asyncio.gather(*(race(store, number, WRITERS, versions) for number in range(WRITERS)))

    with closing(open_store(setting)) as store:
        return run(together())


@pytest.mark.parametrize(
    ("kind", "race_of", "versions"),
    [
        ("sqlite", processes, 300),
        ("sqlite", tasks, 300),
        ("moto", tasks, 30),
        ("boto3", tasks, 30),
        pytest.param("dynamodb-local", tasks, 300, marks=MARKS["dynamodb-local"]),
    ],
)
def test_each_version_has_one_winner_who_knows_it(kind: str, race_of: Race, versions: int, tmp_path: Path) -> None:
    with STORES[kind](tmp_path) as setting:
        made = race_of(setting, versions)
        with closing(open_store(setting)) as store:
            found = run(store.get(PK, SK))
    everything = list(range(1, versions + 1))
    assert sorted(version for winner in made for version in winner) == everything
    assert len([winner for winner in made if winner]) > 1, "there was no race"
    assert found is not None
    assert (found.version, found.attributes["spent"]) == (versions, [str(version) for version in everything])


def presents(setting: str, key: str) -> str:
    """What a function in another process says to the key; it has just started, so it remembers nothing."""
    with closing(open_store(setting)) as store:
        authenticator = Authenticator(KeyRegistry(store, clock=time.time), clock=time.time)
        try:
            asyncio.run(authenticator.authenticate({"x-api-key": key}))
        except ApiError as error:
            return error.message
    return "welcome"


def test_another_process_sees_a_key_and_its_revocation(tmp_path: Path) -> None:
    setting = f"sqlite:{tmp_path}/edgeway.sqlite3"
    store = open_store(setting)
    registry = KeyRegistry(store, clock=time.time)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        key, record = run(registry.create("alice"))
        assert other.submit(presents, setting, key).result() == "welcome"
        assert run(registry.find(hash_key(key))) == record
        run(registry.revoke(record.id))
        assert (
            other.submit(presents, setting, key).result()
            == "invalid x-api-key: the key has been revoked; ask the operator for a new one"
        )
    store.close()
