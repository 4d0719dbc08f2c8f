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
