"""Joins characters that arrive in two halves, as servers cut them between the escapes of UTF-16.

A half waits for the other one. One that stays alone is the replacement character: no half can be encoded in UTF-8.
"""

import re
from collections.abc import Sequence

REPLACEMENT = "\ufffd"

_HALF = re.compile(r"[\ud800-\udfff]")
_FIRST = re.compile(r"[\ud800-\udbff]")
_ESCAPED_FIRST = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_ESCAPED_SECOND = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPES = re.compile(
    rf"(?P<lone>{_ESCAPED_FIRST}(?!{_ESCAPED_SECOND})|{_ESCAPED_SECOND})|{_ESCAPED_FIRST}{_ESCAPED_SECOND}|\\.",
    re.DOTALL,
)
_UNFINISHED = re.compile(rf"(?:{_ESCAPED_FIRST})?(?:\\(?:u[0-9a-fA-F]{{0,3}})?)?\Z")


class Halves:
    """Text in pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Add a piece, and return the whole characters."""
        if not self._held and piece.isascii():  # as nearly always
            return piece
        text, self._held = self._held + piece, ""
        if _FIRST.match(text[-1:]):
            text, self._held = text[:-1], text[-1]
        return whole_characters(text)

    def feed_all(self, pieces: Sequence[str]) -> Sequence[str]:
        """The next pieces; one of which nothing is certain yet is left out."""
        if not self._held and not _HALF.search("".join(pieces)):  # as nearly always
            return pieces
        return [whole for piece in pieces if (whole := self.feed(piece))]

    def flush(self) -> str:
        """Return the rest, when nothing follows."""
        held, self._held = self._held, ""
        return whole_characters(held)


class EscapedHalves(Halves):
    """JSON text in pieces, in which halves may also be escapes."""

    def __init__(self) -> None:
        super().__init__()
        self._escape = ""

    def feed(self, piece: str) -> str:
        """Add a piece, and return the whole characters and escapes."""
        text = super().feed(piece)
        if not self._escape and "\\" not in text:
            return text
        text, self._escape = self._escape + text, ""
        for escape in _ESCAPES.finditer(text):
            held = _UNFINISHED.match(text, escape.start())
            if held:
                text, self._escape = text[: escape.start()], held[0]
                return _without_lone_escapes(text)
        if text.endswith("\\"):
            last = [escape.end() for escape in _ESCAPES.finditer(text)]
            if not last or last[-1] < len(text):
                text, self._escape = text[:-1], "\\"
        return _without_lone_escapes(text)

    def flush(self) -> str:
        """Return the rest, when nothing follows."""
        held, self._escape = self._escape, ""
        return super().flush() + _without_lone_escapes(held)


def whole_characters(text: str) -> str:
    """The text with its halves joined; one that is alone is the replacement character."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_lone_escapes(text: str) -> str:
    return _ESCAPES.sub(lambda escape: r"\ufffd" if escape["lone"] else escape[0], text)
