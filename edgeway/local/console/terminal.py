"""Prints whole lines, with colours on a terminal only.

Every request has its line, so this is on the way of each: rich's console took a fifth of a millisecond for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Literal, Protocol

Style = Literal["good", "bad", "strong", "faint"]

_CODES: Final[Mapping[Style, str]] = {"good": "32", "bad": "31", "strong": "1", "faint": "2"}
"""Of ECMA-48, "Select Graphic Rendition"."""


class Output(Protocol):
    """A text stream, as far as it is used."""

    def write(self, text: str, /) -> object:
        """Write text."""

    def flush(self) -> object:
        """Let it be seen."""

    def isatty(self) -> bool:
        """Whether a person sees it as it comes."""


class Terminal:
    """Prints lines. `environment` may forbid colours (no-color.org, and TERM=dumb)."""

    def __init__(self, output: Output, environment: Mapping[str, str]) -> None:
        self._output = output
        self._coloured = output.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"

    def print(self, line: str) -> None:
        """Print a line, or several. An output that takes no more keeps nobody from being served."""
        with suppress(OSError, ValueError):  # ValueError: it has been closed
            self._output.write(line + "\n")
            self._output.flush()

    def styled(self, text: str, style: Style) -> str:
        """Return the text as it is to be printed."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._coloured else text


def printable(text: str) -> str:
    """Take the control characters out of a text: a caller's own words must not steer the terminal."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
