"""What stands in the text of an answer beside text: reasoning at its beginning, and calls, where the model is known to.

The tags of reasoning are looked for first: a call that is only thought of is none.
"""

from collections.abc import Iterable

from translator.chat.answer.call_formats import Schemas, WrittenCall
from translator.chat.answer.think_tags import Piece, ThinkTags
from translator.chat.answer.written_calls import WrittenCalls
from translator.traits import Traits


class AnswerText:
    """Tells the pieces apart. Holds back what may become a tag."""

    def __init__(self, traits: Traits, schemas: Schemas) -> None:
        self._tags = None if traits.think_tags is None else ThinkTags(traits.think_tags)
        self._calls = WrittenCalls(schemas) if traits.written_calls and schemas else None
        self.is_plain = self._tags is None and self._calls is None
        """Whether text is all that there can be."""

    @property
    def calls(self) -> list[WrittenCall]:
        """The calls so far."""
        return [] if self._calls is None else self._calls.calls

    def feed(self, text: str) -> list[Piece]:
        """What the next piece of the text is, as far as it is known."""
        return self._without_calls([("text", text)] if self._tags is None else self._tags.feed(text))

    def suppose_text(self) -> list[Piece]:
        """The upstream tells reasoning apart by itself, or there was none: what came as text is text."""
        pieces = [] if self._tags is None else self._without_calls(self._tags.suppose_text())
        return self._with(pieces, "" if self._calls is None else self._calls.interrupt())

    def flush(self) -> list[Piece]:
        """What is held back: something else follows it, or nothing."""
        pieces = [] if self._tags is None else self._without_calls(self._tags.flush())
        return self._with(pieces, "" if self._calls is None else self._calls.flush())

    def _with(self, pieces: list[Piece], text: str) -> list[Piece]:
        return [*pieces, ("text", text)] if text else pieces

    def _without_calls(self, pieces: Iterable[Piece]) -> list[Piece]:
        calls = self._calls
        if calls is None:
            return list(pieces)
        return [(kind, calls.feed(piece) if kind == "text" else piece) for kind, piece in pieces]
