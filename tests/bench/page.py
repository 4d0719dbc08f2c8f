"""Writes the tables and charts of docs/performance.md from the JSON of a run.

python -m tests.bench.page FIGURES [--peers PEERS …]

FIGURES is what `make bench BENCH_FLAGS="--figures FIGURES"` has written, PEERS what the benchmark beside other
gateways has. Without it the part of the page about the peers stays as it is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from edgeway.docs.charts import Bar, Panel, bar_chart
from tests.bench.figures import Figures
from tests.bench.peers import Comparison
from tests.running import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
PICTURES: Final = ROOT / "docs" / "pictures"
COLD: Final = re.compile(r"cold start of (.+): to the first byte, ms")
HELD: Final = re.compile(r"memory (?:with )?(at rest|[\d,]+ streams, .+), (?:one process|two processes), MB")


def panels(figures: Figures) -> list[Panel]:
    """Cold starts and memory."""
    found = {"A cold start to the first byte, ms": COLD, "Memory (PSS), MB": HELD}
    rows = [(f"{figure.name}, {figure.unit}", figure.value) for figure in figures.rows]
    return [
        Panel(title, bars)
        for title, pattern in found.items()
        if (bars := [Bar(match[1], value) for name, value in rows if (match := pattern.fullmatch(name))])
    ]


def pictures(panels: Iterable[Panel]) -> Iterator[str]:
    """Draw the panels; return the lines that show them."""
    for panel in panels:
        (PICTURES / panel.file).write_text(bar_chart(panel), encoding="utf-8")
        yield from ("", f"![{panel.title}](pictures/{panel.file})")


def with_part(page: str, name: str, lines: Iterable[str]) -> str:
    """The page, with these lines between the two comments that name the part."""
    begin, end = f"<!-- {name}: written by tests/bench/page.py -->", f"<!-- end of {name} -->"
    before, is_there, rest = page.partition(begin)
    _, has_end, after = rest.partition(end)
    if not (is_there and has_end):
        raise ValueError(f"{PAGE.name} has no place for the {name}")
    return "\n".join([before + begin, "", *lines, "", end + after])


def main(arguments: Sequence[str]) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page", description="Write docs/performance.md.")
    parser.add_argument("figures", type=Path)
    parser.add_argument("--peers", type=Path, nargs="+", default=())
    told = parser.parse_args(arguments)
    PICTURES.mkdir(exist_ok=True)
    page, figures = PAGE.read_text(encoding="utf-8"), Figures.read(told.figures)
    page = with_part(page, "figures", ["## Our own half", "", *figures.lines(), *pictures(panels(figures))])
    if told.peers:
        comparison = Comparison.read(told.peers)
        part = ["## Beside its peers", "", *comparison.lines(), *pictures(comparison.panels())]
        page = with_part(page, "peers", part)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
