"""Finds stop sequences in the gateway: no upstream says which one matched, and many refuse them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class Scan(NamedTuple):
    """Text that may be shown, and the sequence that has ended it, if one has."""

    text: str
    matched: str | None = None


class StopScanner:
    """Finds the sequences. It holds back only text that may begin one.

    All sequences are searched at once. A sequence that begins with another one is left out, since it never matches
    first. So at most one sequence can match at a place: in alphabetical order, the last one that is not behind the
    text.
    """

    def __init__(self, sequences: Iterable[str]) -> None:
        self._sequences = _without_continuations(sequences)
        self._longest = max(map(len, self._sequences), default=0)
        initials = "".join(sorted({re.escape(sequence[0]) for sequence in self._sequences}))
        self._initial = re.compile(f"[{initials}]") if initials else None
        self._held = ""

    @property
    def is_idle(self) -> bool:
        """Tell whether there is no sequence to find."""
        return self._initial is None

    def feed(self, piece: str) -> Scan:
        """Add a piece, and return the text that is certainly no part of a sequence.

        The sequence that is complete first counts; of two that end together, the longer one. The cut of the pieces
        does not matter.
        """
        if self._initial is None:
            return Scan(piece)
        text = self._held + piece
        places = [match.start() for match in self._initial.finditer(text)]
        found = self._first(text, places)
        if found is not None:
            at, stop = found
            self._held = ""
            return Scan(text[:at], stop)
        begins = next((at for at in places if self._may_begin(text, at)), len(text))
        self._held = text[begins:]
        return Scan(text[:begins])

    def flush(self) -> str:
        """Return the held text, when nothing follows."""
        held, self._held = self._held, ""
        return held

    def _first(self, text: str, places: Iterable[int]) -> tuple[int, str] | None:
        """Return the place of the first complete sequence, and the sequence."""
        first: tuple[int, str] | None = None
        ends = len(text) + 1
        for at in places:
            if at >= ends:
                break
            stop = self._sequences[bisect_right(self._sequences, text[at : at + self._longest]) - 1]
            if at + len(stop) < ends and text.startswith(stop, at):
                first, ends = (at, stop), at + len(stop)
        return first

    def _may_begin(self, text: str, at: int) -> bool:
        """Tell whether the text from here to the end may begin a sequence."""
        if len(text) - at >= self._longest:
            return False
        end = text[at:]
        behind = bisect_left(self._sequences, end)
        return behind < len(self._sequences) and self._sequences[behind].startswith(end)


def _without_continuations(sequences: Iterable[str]) -> list[str]:
    """Return the sequences in alphabetical order, without those that begin with another one."""
    kept: list[str] = []
    for sequence in sorted(filter(None, sequences)):
        if not kept or not sequence.startswith(kept[-1]):
            kept.append(sequence)
    return kept
