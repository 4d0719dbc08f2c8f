"""Splits the text of an answer: reasoning at its beginning and calls become pieces, where the model may write them.

The tags of reasoning are looked for first: a call that is only thought of is none.
"""

from collections.abc import Iterable

from translator.chat.answer.call_formats import Schemas
from translator.chat.answer.pieces import Details, Piece, Text, Thinking
from translator.chat.answer.think_tags import ThinkTags
from translator.chat.answer.written_calls import WrittenCalls
from translator.traits import Traits


class TextSplitter:
    """Splits text. It holds back text that may become a tag."""

    def __init__(self, traits: Traits, schemas: Schemas) -> None:
        self._tags = None if traits.think_tags is None else ThinkTags(traits.think_tags)
        self._calls = WrittenCalls(schemas) if traits.written_calls and schemas else None
        self.is_plain = self._tags is None and self._calls is None
        """Whether the text can hold neither tags nor calls."""

    @property
    def ends_in_markup(self) -> bool:
        """Tell whether the text has ended with a call that could not be read."""
        return self._calls is not None and self._calls.ends_in_markup

    def feed(self, piece: Piece) -> list[Piece]:
        """Return the pieces that are certain after this one."""
        if self.is_plain:
            return [piece]
        if isinstance(piece, Text):
            return self.split(piece.text)
        held = self.suppose_text() if isinstance(piece, Thinking | Details) else self.flush()
        if self._calls is not None:
            self._calls.forget_said()
        return [*held, piece]

    def split(self, text: str) -> list[Piece]:
        """Return the pieces that are certain after this text."""
        return self._without_calls([Text(text)] if self._tags is None else self._tags.feed(text))

    def suppose_text(self) -> list[Piece]:
        """Take the held text as text: the upstream sends reasoning apart, or there was none."""
        pieces = [] if self._tags is None else self._without_calls(self._tags.suppose_text())
        return pieces if self._calls is None else [*pieces, *self._calls.interrupt()]

    def flush(self) -> list[Piece]:
        """Return the held pieces: something else follows, or nothing."""
        pieces = [] if self._tags is None else self._without_calls(self._tags.flush())
        return pieces if self._calls is None else [*pieces, *self._calls.flush()]

    def _without_calls(self, pieces: Iterable[Text | Thinking]) -> list[Piece]:
        calls = self._calls
        if calls is None:
            return [*pieces]
        return [part for piece in pieces for part in (calls.feed(piece.text) if isinstance(piece, Text) else [piece])]
