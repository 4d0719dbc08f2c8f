"""Writes Markdown tables."""

from collections.abc import Iterable, Iterator, Sequence


def section(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A heading and the table below it."""
    yield f"\n## {title}\n"
    yield from table(headings, rows)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield _line(headings)
    yield _line(["---"] * len(headings))
    yield from map(_line, rows)


def code(words: Iterable[str]) -> str:
    """A list of names."""
    return ", ".join(f"`{word}`" for word in words)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
