"""What a run of a client is, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.running import Gateway

LIMIT = 300.0  # seconds for one run; the longest takes about ten on an idle machine


@dataclass(frozen=True, slots=True)
class Shown:
    """What a client has shown its user."""

    text: str
    thinking: str
    printed: str
    """All of it, for whom it fails."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: against whom, with what, where."""

    gateway: Gateway
    model: str
    prompt: str
    thinks: bool
    home: Path

    @property
    def work(self) -> Path:
        """The folder that the client works in."""
        return self.home / "work"


Opened = Callable[[Run], Shown]
"""A client that takes runs."""


def write(path: Path, lines: Iterable[str]) -> None:
    """Put a client's configuration where it looks for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))
