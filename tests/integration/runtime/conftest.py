"""Fixtures: a Runtime API that the test plays."""

from collections.abc import Iterator

import pytest

from tests.integration.runtime.scripted_api import ScriptedApi


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    """A Runtime API that listens."""
    with ScriptedApi() as scripted:
        yield scripted
