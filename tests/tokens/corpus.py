"""The texts on which token counts are measured: texts/*.txt, prose in ten languages, code, logs, numbers, data."""

from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
PIECE = 700
"""Characters of a piece at the most; pieces end with a line where one ends in time."""


@cache
def documents() -> dict[str, list[str]]:
    """The pieces of each document, by its name."""
    return {path.stem: list(_pieces(path.read_text("utf-8"))) for path in sorted(TEXTS.glob("*.txt"))}


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), PIECE):
            part = line[start : start + PIECE]
            if len(pieces[-1]) + len(part) > PIECE:
                pieces.append("")
            pieces[-1] += part
    return pieces
