"""Counts of tokens, as upstreams report them."""

import re
from collections.abc import Mapping
from typing import Any

MOST_TOKENS = 10**12
"""More than this is no count."""

_DIGITS = re.compile(r"[0-9]{1,15}")


def read_details(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the counts below a name; empty where there are none."""
    value = usage.get(name)
    return value if isinstance(value, Mapping) else {}


def read_count(usage: Mapping[str, Any], name: str) -> int | None:
    """Return a count, which may be written as text; None where it is missing or no count."""
    value = usage.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MOST_TOKENS:
        return None
    return int(value)
