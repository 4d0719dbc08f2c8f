"""A clock that stands still until the test moves it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """Seconds, since the epoch or since whenever."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now
