"""Fixtures: one scripted upstream and one local gateway for all tests of a folder whose conftest takes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running import Gateway, Upstream, running_gateway, running_upstream

Serving = tuple[Upstream, Gateway]


@pytest.fixture(scope="session")
def serving() -> Iterator[Serving]:
    with running_upstream() as upstream, running_gateway(upstream) as gateway:
        yield upstream, gateway


@pytest.fixture
def upstream(serving: Serving) -> Upstream:
    serving[0].forget()
    return serving[0]


@pytest.fixture
def gateway(serving: Serving) -> Gateway:
    return serving[1]
