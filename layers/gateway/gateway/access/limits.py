"""The limits of a key: facts of its record, which travel with it to the functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

WindowName = Literal["day", "month", "total"]
WINDOWS: tuple[WindowName, ...] = ("day", "month", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Integer micro-dollars; None: no limit."""

    day: int | None = None
    month: int | None = None
    total: int | None = None

    def named(self) -> Iterator[tuple[WindowName, int]]:
        """Those that there are."""
        for window in WINDOWS:
            limit: int | None = getattr(self, window)
            if limit is not None:
                yield window, limit


class Budget(NamedTuple):
    """The limits of one scope: `key/<id>`, `owner/<name>` or `pool/<name>`."""

    scope: str
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How much one key may ask; None: no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    streams: int | None = None
    """Answers that it may be getting at once."""
