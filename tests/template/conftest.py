"""The template, read once for all tests. They look at it and change nothing."""

from __future__ import annotations

import pytest

from tests.template import cloud
from tests.template.cloud import Template


@pytest.fixture(scope="session")
def written() -> Template:
    return cloud.written()


@pytest.fixture(scope="session")
def received() -> Template:
    return cloud.received()


@pytest.fixture(scope="session")
def operations() -> Template:
    return cloud.written(cloud.NESTED["operations"])


@pytest.fixture(scope="session")
def domain() -> Template:
    return cloud.written(cloud.NESTED["domain"])


@pytest.fixture(scope="session")
def firewall() -> Template:
    return cloud.written(cloud.NESTED["firewall"])
