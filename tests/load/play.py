"""What the fast upstream plays, as a word in the caller's text, which every gateway passes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_WORD: Final = re.compile(rb"\[\[play:load-(\d+)x(\d+)(-held)?(?:#([0-9a-z-]+))?\]\]")


@dataclass(frozen=True, slots=True)
class Play:
    """One answer."""

    chunks: int = 20
    """Of a stream; in a whole answer as many words."""
    pause: int = 0
    """Milliseconds between two chunks. 0: the whole stream is one write; more: each chunk says when it was written."""
    is_held: bool = False
    """Nothing is answered until the upstream is told to release it."""
    tag: str = ""
    """Names the stream, so that the upstream can tell when its connection was closed."""

    def word(self) -> str:
        """The word to put into the text."""
        held, tag = "-held" if self.is_held else "", f"#{self.tag}" if self.tag else ""
        return f"[[play:load-{self.chunks}x{self.pause}{held}{tag}]]"

    @classmethod
    def find(cls, body: bytes) -> Self:
        """What a request asks for."""
        found = _WORD.search(body)
        if found is None:
            return cls()
        chunks, pause, held, tag = found.groups()
        return cls(int(chunks), int(pause), held is not None, (tag or b"").decode())
