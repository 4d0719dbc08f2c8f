"""Stop sequences, found in the gateway: no upstream says which one matched, and many refuse more than four or any."""

from collections.abc import Iterable
from typing import NamedTuple

from translator.stream.held_back import beginning_at_end


class Scan(NamedTuple):
    """Text that may be shown, and the sequence that ended it."""

    text: str
    matched: str | None = None


class StopScanner:
    """Holds back only as much text as could be the beginning of a sequence."""

    def __init__(self, sequences: Iterable[str]) -> None:
        self._sequences = [sequence for sequence in sequences if sequence]
        self._held = ""

    def feed(self, piece: str) -> Scan:
        """What of the text so far is certainly not part of a stop sequence.

        The sequence that is complete first counts, of two that end together the longer, however the text is cut.
        """
        if not self._sequences:
            return Scan(piece)
        text = self._held + piece
        found = [(at + len(stop), at, stop) for stop in self._sequences if (at := text.find(stop)) >= 0]
        if found:
            _, at, stop = min(found)
            self._held = ""
            return Scan(text[:at], stop)
        keep = beginning_at_end(text, self._sequences)
        self._held = text[len(text) - keep :]
        return Scan(text[: len(text) - keep])

    def flush(self) -> str:
        """What was held back, when nothing more can follow."""
        held, self._held = self._held, ""
        return held
