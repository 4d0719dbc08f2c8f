"""The catalogue as it is shipped."""

import pytest
from gateway.catalogue import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.open()
