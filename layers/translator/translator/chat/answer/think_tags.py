"""Splits off reasoning at the beginning of a text, between `<think>` and `</think>`.

Servers without a parser for it send it so (DeepSeek R1, QwQ, Qwen 3), and MiniMax does by default. Only the beginning
is looked at: a model that writes about the tags later means them as text.

Where the chat template has put `<think>` into the prompt, only the other comes, and a stream cannot tell before it does
whether it will: https://github.com/vllm-project/vllm/pull/14841.
"""

from enum import Enum

from translator.chat.answer.pieces import Text, Thinking
from translator.chat.tags import CLOSING, OPENING
from translator.stream.held_back import beginning_at_end
from translator.traits import ThinkTagging


class _Place(Enum):
    BEGINNING = "nothing but space has come"
    OPENED = "behind the opening tag, before the thought"
    WITHIN = "between the tags"
    GAP = "behind the closing tag, before the answer"
    ANSWER = "everything is text"


class ThinkTags:
    """Separates reasoning from text in a stream. It holds back text that may become a tag."""

    def __init__(self, tagging: ThinkTagging = "both") -> None:
        self._place = _Place.BEGINNING
        self._held = ""
        self._is_supposed = tagging == "closing"  # that reasoning comes first: no tag has said so
        self._supposed: list[str] = []

    def feed(self, text: str) -> list[Text | Thinking]:
        """Return the parts of the next piece, as far as their kind is known."""
        self._held += text
        pieces: list[Text | Thinking] = []
        if self._is_at(_Place.BEGINNING):
            self._begin()
        self._pass_space(_Place.OPENED, then=_Place.WITHIN)
        if self._is_at(_Place.WITHIN):
            pieces += self._read_within()
        self._pass_space(_Place.GAP, then=_Place.ANSWER)
        return pieces + self.flush() if self._is_at(_Place.ANSWER) else pieces

    def flush(self) -> list[Text | Thinking]:
        """Return the held text. It can no longer become a tag: something else follows, or nothing."""
        held, self._held = self._held, ""
        if self._is_at(_Place.WITHIN):
            return self._thought(held)
        if self._is_at(_Place.BEGINNING) and held:
            self._place = _Place.ANSWER
        return [Text(held)] if held else []

    def suppose_text(self) -> list[Text | Thinking]:
        """Take the held text as the answer, since no tag has opened or closed reasoning. Held space waits for more."""
        if not self._is_supposed:
            return []
        text = "".join((*self._supposed, self._held))
        self._place, self._supposed = _Place.ANSWER, []
        self._held = text if text.isspace() else ""
        return [Text(text)] if text and not self._held else []

    def _is_at(self, place: _Place) -> bool:
        return self._place is place

    def _begin(self) -> None:
        beginning = self._held.lstrip()
        if beginning.startswith(OPENING):
            self._place, self._held = _Place.OPENED, beginning.removeprefix(OPENING)
            self._is_supposed = False
        elif not OPENING.startswith(beginning):
            self._place = _Place.OPENED if self._is_supposed else _Place.ANSWER

    def _pass_space(self, place: _Place, *, then: _Place) -> None:
        if self._place is place:
            self._held = self._held.lstrip()
            self._place = then if self._held else place

    def _read_within(self) -> list[Text | Thinking]:
        thought, closing, rest = self._held.partition(CLOSING)
        if closing:
            self._place, self._held = _Place.GAP, rest
            self._is_supposed, self._supposed = False, []
            return [Thinking(thought)] if thought else []
        safe = len(thought) - beginning_at_end(thought, [CLOSING])
        thought, self._held = thought[:safe], thought[safe:]
        return self._thought(thought)

    def _thought(self, piece: str) -> list[Text | Thinking]:
        if not piece:
            return []
        if self._is_supposed:
            self._supposed.append(piece)
        return [Thinking(piece)]
