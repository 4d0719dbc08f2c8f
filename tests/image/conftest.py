from __future__ import annotations

from tests.template.conftest import received

__all__ = ["received"]
