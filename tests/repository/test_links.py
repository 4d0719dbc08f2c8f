"""Each link within the repository leads to a file that git tracks, and to a heading that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

from tests.running import ROOT

PAGES: Final = sorted(
    page for folder in ("", "docs", "docs/decisions", "tests") for page in (ROOT / folder).glob("*.md")
)
LINK: Final = re.compile(r"(?:\]\(|src=\")([^)\s\"]+)")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
BLOCK: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link may name in a page, as GitHub makes it of the headings."""
    headings = HEADING.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def broken(page: Path) -> Iterator[str]:
    for link in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A title\n[a](#a-title) [b](#another) [c](missing.md) [d](https://example.com) [e](page.md#a-title)\n"
    )
    assert list(broken(page)) == ["#another", "missing.md"]
