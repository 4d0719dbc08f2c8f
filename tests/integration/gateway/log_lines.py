"""The lines that a function logs beside each request's own: of an upstream's health, and of refused keys."""

from __future__ import annotations

from collections.abc import Mapping

OF_EVERY_LINE = {"level", "location", "message", "timestamp", "service"}
BESIDE: Mapping[str, set[str]] = {
    "set aside": {"provider", "model", "upstream_key", "outcome", "seconds"},
    "asked again": {"provider", "model", "upstream_key"},
    "key refused": {"address", "reason", "times"},
}
"""Their messages, and the fields that only they have."""


def own_fields(line: Mapping[str, object]) -> set[str]:
    """Those that not every line has."""
    return set(line) - OF_EVERY_LINE
