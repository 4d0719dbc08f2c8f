"""The client that the official SDK's own tests get here: theirs needs packages that we do not have.

`tests/sdk/test_official_suite.py` copies it beside those tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from anthropic import Anthropic


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[Anthropic]:
    """Loose or strict about what it receives, as the test asks; without retries."""
    with Anthropic(
        base_url=os.environ["TEST_API_BASE_URL"],
        api_key=os.environ["TEST_API_KEY"],
        max_retries=0,
        _strict_response_validation=getattr(request, "param", True),
    ) as client:
        yield client
