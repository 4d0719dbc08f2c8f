from __future__ import annotations

from tests.integration.gateway.conftest import scripted, upstream

__all__ = ["scripted", "upstream"]
