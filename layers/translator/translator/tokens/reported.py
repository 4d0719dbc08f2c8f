"""Counts of tokens, as upstreams report them."""

import re
from collections.abc import Mapping
from typing import Any

MOST_TOKENS = 10**12
"""More than this is no count."""

_DIGITS = re.compile(r"[0-9]{1,15}")


def read_details(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The counts below a name; none where there are none."""
    value = usage.get(name)
    return value if isinstance(value, Mapping) else {}


def read_count(usage: Mapping[str, Any], name: str) -> int | None:
    """A count, also where it is written as text; None for what is missing or none."""
    value = usage.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MOST_TOKENS:
        return None
    return int(value)
