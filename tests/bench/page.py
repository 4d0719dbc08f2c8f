"""Writes the tables and charts of docs/performance.md from the JSON of a run.

python -m tests.bench.page FIGURES [--peers PEERS …]

FIGURES is what `make bench BENCH_FLAGS="--figures FIGURES"` has written, PEERS what the benchmark beside other
gateways has. Without it the part of the page about the peers stays as it is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tests.bench.charts import Bar, Panel, chart
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
    own = ["## Our own half", "", *figures.lines()]
    if bars := panels(figures):
        (PICTURES / "performance.svg").write_text(chart(bars), encoding="utf-8")
        own += ["", "![Cold starts and memory, as bars](pictures/performance.svg)"]
    page = with_part(page, "figures", own)
    if told.peers:
        comparison = Comparison.read(told.peers)
        (PICTURES / "peers.svg").write_text(chart(comparison.panels()), encoding="utf-8")
        picture = "![Edgeway beside its peers, as bars](pictures/peers.svg)"
        page = with_part(page, "peers", ["## Beside its peers", "", *comparison.lines(), "", picture])
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
