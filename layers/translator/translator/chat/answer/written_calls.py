"""Tool calls that a model has written into its text, told from the text in a stream.

A server without a parser for them sends them so, and one with a parser now and then:
https://github.com/QwenLM/qwen-code/issues/10692. A call counts where nothing but calls of tools that were offered
stands between its tags (`call_dialects`), and not within a block of code, where a call is shown and not made.
Everything else is text, to the letter. Space between calls is nobody's.
"""

import re

from translator.chat.answer.call_formats import (
    DIALECTS,
    OPENINGS,
    Dialect,
    NoCallError,
    Schemas,
    UnfinishedCallError,
    WrittenCall,
)
from translator.stream.held_back import beginning_at_end

_FENCE = re.compile(r"`{3,}")


class WrittenCalls:
    """Holds back what may become a call, and no more."""

    def __init__(self, schemas: Schemas) -> None:
        self.calls: list[WrittenCall] = []
        """Those that are complete, in order."""
        self._schemas = schemas
        self._held = ""
        self._tried = 0
        self._is_between_calls = True
        self._fences = 0
        self._backticks = ""

    def feed(self, text: str) -> str:
        """What of the text so far is certainly text."""
        self._held += text
        return self._read(is_all=False)

    def interrupt(self) -> str:
        """What is held back and is text, since something else follows it; space waits. A call may lack its last tag."""
        said = self._read(is_all=True)
        return said if self._held.isspace() else said + self._release(len(self._held))

    def flush(self) -> str:
        """What is held back at the end. Space behind a call is no text."""
        said = self.interrupt()
        if self.calls and self._held.isspace():
            self._held = ""
        return said + self._release(len(self._held))

    def _read(self, *, is_all: bool) -> str:
        said: list[str] = []
        seen = 0
        while opening := OPENINGS.search(self._held, seen):
            begins, seen = opening.span()
            if self._is_said(begins):
                said.append(self._release(begins))
                begins, seen = 0, seen - begins
            if self._is_in_code():
                continue
            try:
                end = self._end(DIALECTS[opening[0]], seen, is_all=is_all)
            except NoCallError:
                continue
            if end is None:
                return "".join(said)
            self._held, self._tried, seen = self._held[end:], 0, 0
            self._is_between_calls = True
        length = len(self._held) - beginning_at_end(self._held, DIALECTS)
        if self._is_said(length):
            said.append(self._release(length))
        return "".join(said)

    def _is_said(self, length: int) -> bool:
        """Whether so much of the held text is more than space that may stand between calls."""
        return bool(length) and not (self._is_between_calls and self._held[:length].isspace())

    def _release(self, length: int) -> str:
        text, self._held, self._tried = self._held[:length], self._held[length:], 0
        self._is_between_calls = self._is_between_calls and not text
        said = self._backticks + text
        counted = len(said.rstrip("`"))  # of those at the end more may come
        self._fences += len(_FENCE.findall(said, 0, counted))
        self._backticks = said[counted:]
        return text

    def _is_in_code(self) -> bool:
        """Whether what has been said has opened a block of code; the backticks at its end are all that there are."""
        return (self._fences + (len(self._backticks) >= 3)) % 2 == 1

    def _end(self, dialect: Dialect, begins: int, *, is_all: bool) -> int | None:
        """Where the calls end whose opening tag ends at `begins`, if they have ended. Raises `NoCallError`."""
        if not dialect.can_begin(self._held[begins:].lstrip(), self._schemas):
            raise NoCallError
        while (at := self._held.find(dialect.closing, max(begins, self._tried))) >= 0:
            end = self._tried = at + len(dialect.closing)
            try:
                self._take(dialect, self._held[begins:end])
            except UnfinishedCallError:
                continue  # an argument may hold what looks like the closing tag
            return end
        if not is_all:
            return None
        try:
            self._take(dialect, self._held[begins:])
        except UnfinishedCallError:
            raise NoCallError from None
        return len(self._held)

    def _take(self, dialect: Dialect, text: str) -> None:
        calls = dialect.read(text.strip(), self._schemas)
        if not calls:
            raise NoCallError
        self.calls += calls
