"""Fixtures: a store of each kind, the catalogue as it is shipped, a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.store import Store
from gateway.stores import open_store

from tests.unit.gateway.stores import STORES


@pytest.fixture(params=STORES)
def store_setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What EDGEWAY_STORE says, for a store with nothing in it."""
    with STORES[request.param](tmp_path) as setting:
        yield setting


@pytest.fixture
def store(store_setting: str) -> Iterator[Store]:
    opened = open_store(store_setting)
    yield opened
    opened.close()
