"""Documents can be read in one sitting: none is too long, and none has a sentence that nobody reads to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.running import ROOT

MOST_LINES: Final = 400
MOST_WORDS: Final = 60
"""Code in backticks and an address count as a word each."""
GENERATED: Final = {"docs/models.md", "docs/mapping.md"}
"""Tables, which a program writes."""
PAGES: Final = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/*.md")})
BLOCK: Final = re.compile(r"^```.*?^```|^    .*?$|<!--.*?-->", re.MULTILINE | re.DOTALL)
PART: Final = re.compile(r"\n\s*\n|\n(?=\s*(?:[*-]|\d\.) )|\||\n(?=#)")
END: Final = re.compile(r"(?<=[.:;?!])\s+")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a page: paragraphs, items of lists and cells of tables, cut at their marks."""
    for part in PART.split(BLOCK.sub("", text)):
        words = re.sub(r"`[^`]*`|\]\([^)]*\)", "x", part)
        yield from END.split(re.sub(r"\s+", " ", words))


def written_by_people() -> list[Path]:
    return [page for page in PAGES if str(page.relative_to(ROOT)) not in GENERATED]


@pytest.mark.parametrize("page", written_by_people(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_can_be_read(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert [sentence for sentence in sentences(text) if len(sentence.split()) > MOST_WORDS] == []


def test_a_long_sentence_is_found() -> None:
    text = "Short.\n\n* " + "word " * 30 + "`a b c`, " + "word " * 30 + ". Short.\n\n    " + "code " * 99
    assert [len(sentence.split()) for sentence in sentences(text) if len(sentence.split()) > MOST_WORDS] == [63]


def test_the_decisions_are_numbered_without_holes() -> None:
    files = sorted(page.name for page in ROOT.glob("docs/decisions/0*.md"))
    index = re.findall(r"^\| \[(\d+)\]\(([^)]+)\)", (ROOT / "docs/decisions/README.md").read_text(), re.MULTILINE)
    assert [int(file[:4]) for file in files] == list(range(1, len(files) + 1))
    assert index == [(str(int(file[:4])), file) for file in files]
