"""Fixtures: a store of each kind, the client of upstreams, a certificate for those that speak TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.storage.open import open_store
from gateway.storage.protocol import Store
from gateway.upstream.client import HttpUpstream

from tests.unit.gateway.certificates import ServerTls, self_signed
from tests.unit.gateway.stores import KINDS, STORES
from tests.unit.gateway.upstream_calls import new_upstream


@pytest.fixture(params=KINDS)
def store_setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What EDGEWAY_STORE says, for a store with nothing in it."""
    with STORES[request.param](tmp_path) as setting:
        yield setting


@pytest.fixture
def store(store_setting: str) -> Iterator[Store]:
    opened = open_store(store_setting)
    yield opened
    opened.close()


@pytest.fixture
def upstream() -> Iterator[HttpUpstream]:
    with new_upstream() as upstream:
        yield upstream


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerTls:
    """A certificate for localhost, which clients that are made from now on trust."""
    made = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    return made
