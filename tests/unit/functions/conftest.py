"""Fixtures: the environment of `edgeway local`, and a key that its store knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store

from tests.loop import run


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyRegistry]:
    """The keys in the store that EDGEWAY_STORE names from now on."""
    setting = f"sqlite:{tmp_path}/edgeway.sqlite3"
    monkeypatch.setenv("EDGEWAY_STORE", setting)
    monkeypatch.setenv("EDGEWAY_TRUST_AUTHORIZER", "false")
    store = open_store(setting)
    yield KeyRegistry(store, clock=time.time)
    store.close()


@pytest.fixture
def key(registry: KeyRegistry) -> str:
    return run(registry.create("alice"))[0]
