"""The catalogue as it is shipped."""

import pytest
from gateway.routing.catalogue import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.open()
