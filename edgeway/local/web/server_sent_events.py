"""Forwards an event stream by whole events: a stream that breaks never ends in half of one.

Source: html.spec.whatwg.org/multipage/server-sent-events.html, "Parsing an event stream": a blank line ends an event,
and a line ends with CR LF, LF or CR.
"""

from __future__ import annotations

from typing import Final

_BLANK_LINES: Final = (b"\n\n", b"\n\r\n", b"\r\r")
_OVERLAP: Final = max(map(len, _BLANK_LINES)) - 1


class WholeEvents:
    """Holds back what does not yet end in a blank line."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> bytes:
        """Return what can be forwarded now: everything up to the last blank line."""
        if not self._held and piece.endswith(b"\n\n"):
            return piece
        searched = max(0, len(self._held) - _OVERLAP)
        self._held += piece
        end = max(self._end_of(blank_line, searched) for blank_line in _BLANK_LINES)
        whole = bytes(self._held[:end])
        del self._held[:end]
        return whole

    def close(self) -> bytes:
        """Return what is held back, for a stream that ended as it should: it is the sender's to end it so."""
        return bytes(self._held)

    def _end_of(self, blank_line: bytes, start: int) -> int:
        position = self._held.rfind(blank_line, start)
        return 0 if position < 0 else position + len(blank_line)
