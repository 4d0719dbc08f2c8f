from __future__ import annotations

from tests.serving import gateway, serving, upstream

__all__ = ["gateway", "serving", "upstream"]
