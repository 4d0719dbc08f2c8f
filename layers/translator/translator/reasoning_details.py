"""Puts OpenRouter's `reasoning_details` together from a stream, to be sent back as they came.

Source: https://openrouter.ai/docs/use-cases/reasoning-tokens. A stream sends text and summaries in pieces, all of index
0 whatever they belong to, and a signature perhaps on its own at the end: so pieces of one type in a row are one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Detail = dict[str, Any]

_GROWING: Mapping[str, str] = {"reasoning.text": "text", "reasoning.summary": "summary"}
"""The field that comes in pieces, by type."""


class ReasoningDetails:
    """The details of one block of reasoning."""

    def __init__(self) -> None:
        self.whole: list[Detail] = []

    def add(self, pieces: Iterable[Mapping[str, Any]]) -> None:
        """Take what has arrived."""
        for piece in pieces:
            growing = _GROWING.get(str(piece.get("type")))
            last = self.whole[-1] if self.whole else {}
            if growing is None or last.get("type") != piece.get("type") or last.get("signature"):
                self.whole.append(dict(piece))
                continue
            so_far = f"{last.get(growing) or ''}{piece.get(growing) or ''}"
            last.update({name: value for name, value in piece.items() if value is not None})
            last[growing] = so_far


def text_of(details: Iterable[Mapping[str, Any]]) -> str:
    """What can be read of them."""
    texts = (detail.get("text") or detail.get("summary") for detail in details)
    return "".join(text for text in texts if isinstance(text, str))
