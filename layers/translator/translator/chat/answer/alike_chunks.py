"""Reads the words of a chunk that differs from the last one in them alone, as nearly all of a stream do.

What stands around them is compared instead of parsed: parsing takes half of the time that a chunk costs.
"""

import re
from functools import cache
from json.decoder import scanstring  # type: ignore[attr-defined] # the stub lacks it

MOST_FORMS = 8
"""Learnt for one answer. Where more than the text changes with every chunk, comparing is in vain."""


@cache
def _member(name: str) -> re.Pattern[str]:
    return re.compile(rf'"{name}"\s*:\s*"')


class AlikeChunks:
    """Reads the similar chunks of one answer."""

    def __init__(self) -> None:
        self._before: str | None = None
        """The last chunk up to its text, with the quotation mark. None: no form is known."""
        self._begins = 0
        """Where its text does."""
        self._after = ""
        self._forms = 0

    def text(self, frame: str) -> str | None:
        """Return the text of a chunk that has the form of the last one; None for every other chunk."""
        if self._before is None or not frame.startswith(self._before):
            return None
        try:
            text: str
            text, end = scanstring(frame, self._begins)
        except ValueError:
            return None
        return text if text and frame[end:] == self._after else None

    def learn(self, frame: str, text: str, name: str = "content") -> None:
        """The form of a chunk that says this text, under one of our own names, and nothing else."""
        found = _member(name).findall(frame)
        if len(found) != 1 or self._forms == MOST_FORMS:
            self._before = None
            return
        self._forms += 1
        self._begins = frame.index(found[0]) + len(found[0])
        said, end = scanstring(frame, self._begins)
        self._before = frame[: self._begins] if said == text else None
        self._after = frame[end:]
