"""Finds the tool calls that a model has written into its text, in a stream.

A server without a parser for them sends them so, and one with a parser now and then:
https://github.com/QwenLM/qwen-code/issues/10692. A call counts where nothing but calls of tools that were offered
stands between its tags (`call_formats`), and not within a block of code, where a call is shown and not made.
Everything else is text, to the letter. Space between calls is nobody's.
"""

import re

from translator.chat.answer.call_formats import (
    CALL_FORMATS,
    OPENINGS,
    CallFormat,
    NoCallError,
    Schemas,
    UnfinishedCallError,
    WrittenCall,
)
from translator.chat.answer.pieces import Text
from translator.stream.held_back import beginning_at_end

LONGEST_MARKUP = 4_000
"""Characters of a call that could not be read, by which it is known for one."""
_FENCE = re.compile(r"`{3,}")


class WrittenCalls:
    """Finds written calls. It holds back only text that may become a call."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._held = ""
        self._tried = 0
        self._has_found_calls = False
        self._is_between_calls = True
        self._fences = 0
        self._backticks = ""
        self._said = ""
        """The end of the text since something else came."""

    def feed(self, text: str) -> list[Text | WrittenCall]:
        """Return the text that is certain, and the complete calls, in order."""
        self._held += text
        return self._read(is_all=False)

    def interrupt(self) -> list[Text | WrittenCall]:
        """Return the held text, since something else follows; held space waits. A call may lack its last tag."""
        pieces = self._read(is_all=True)
        if not self._held.isspace():
            self._release(len(self._held), pieces)
        return pieces

    def flush(self) -> list[Text | WrittenCall]:
        """Return the held text at the end. Space behind a call is no text."""
        pieces = self.interrupt()
        if self._has_found_calls and self._held.isspace():
            self._held = ""
        self._release(len(self._held), pieces)
        return pieces

    def forget_said(self) -> None:
        """Forget the earlier text: something else has followed it."""
        self._said = ""

    @property
    def ends_in_markup(self) -> bool:
        """Tell whether the text has ended with a call that could not be read. Such text is no answer."""
        said = self._said.rstrip()
        opening = next(iter(OPENINGS.finditer(said)), None)
        if opening is None or self._is_in_code() or _FENCE.search(said, opening.end()):
            return False
        call_format, rest = CALL_FORMATS[opening[0]], said[opening.end() :].lstrip()
        is_at_end = rest.endswith(call_format.closing) or call_format.closing not in rest
        return is_at_end and call_format.can_begin(rest, self._schemas)

    def _read(self, *, is_all: bool) -> list[Text | WrittenCall]:
        pieces: list[Text | WrittenCall] = []
        seen = 0
        while opening := OPENINGS.search(self._held, seen):
            begins, seen = opening.span()
            if self._is_said(begins):
                self._release(begins, pieces)
                begins, seen = 0, seen - begins
            if self._is_in_code():
                continue
            try:
                found = self._find(CALL_FORMATS[opening[0]], seen, is_all=is_all)
            except NoCallError:
                continue
            if found is None:
                return pieces
            end, calls = found
            pieces += calls
            self._held, self._tried, seen = self._held[end:], 0, 0
            self._is_between_calls = self._has_found_calls = True
        length = len(self._held) - beginning_at_end(self._held, CALL_FORMATS)
        if self._is_said(length):
            self._release(length, pieces)
        return pieces

    def _is_said(self, length: int) -> bool:
        """Tell whether this part of the held text is more than the space between calls."""
        return bool(length) and not (self._is_between_calls and self._held[:length].isspace())

    def _release(self, length: int, pieces: list[Text | WrittenCall]) -> None:
        """Release this part of the held text, as the last of the pieces."""
        text, self._held, self._tried = self._held[:length], self._held[length:], 0
        self._is_between_calls = self._is_between_calls and not text
        self._said = (self._said + text)[-LONGEST_MARKUP:]
        said = self._backticks + text
        counted = len(said.rstrip("`"))  # of those at the end more may come
        self._fences += len(_FENCE.findall(said, 0, counted))
        self._backticks = said[counted:]
        if pieces and isinstance(last := pieces[-1], Text):
            pieces[-1] = Text(last.text + text)
        elif text:
            pieces.append(Text(text))

    def _is_in_code(self) -> bool:
        """Tell whether the earlier text has opened a block of code. The backticks at its end are complete."""
        return (self._fences + (len(self._backticks) >= 3)) % 2 == 1

    def _find(self, call_format: CallFormat, begins: int, *, is_all: bool) -> tuple[int, list[WrittenCall]] | None:
        """Find the calls after the opening tag that ends at `begins`; return where they end. Raises `NoCallError`."""
        if not call_format.can_begin(self._held[begins:].lstrip(), self._schemas):
            raise NoCallError
        while (at := self._held.find(call_format.closing, max(begins, self._tried))) >= 0:
            end = self._tried = at + len(call_format.closing)
            try:
                return end, self._calls(call_format, self._held[begins:end])
            except UnfinishedCallError:
                continue  # an argument may hold what looks like the closing tag
        if not is_all:
            return None
        try:
            return len(self._held), self._calls(call_format, self._held[begins:])
        except UnfinishedCallError:
            raise NoCallError from None

    def _calls(self, call_format: CallFormat, text: str) -> list[WrittenCall]:
        calls = call_format.read(text.strip(), self._schemas)
        if not calls:
            raise NoCallError
        return calls
