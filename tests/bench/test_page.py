"""What the page says of figures; this is no measurement, and runs with `make test`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgeway.docs.charts import Bar, Panel
from tests.bench.figures import Figure, Figures
from tests.bench.page import panels, with_part
from tests.bench.peers import Comparison

FIGURES = Figures(
    {"date": "2026-11-30", "Python": "3.13"},
    [
        Figure("whole answer, one caller, p50", "ms", 0.5, 0.1),
        Figure("memory at rest, one process", "MB", 90, goal=80),
        Figure("memory with 50 streams, small requests, two processes", "MB", 95, goal=150),
        Figure("cold start of messages: to the first byte", "ms", 522, 600),
    ],
)


def test_a_table_has_ratios_and_missed_goals() -> None:
    assert list(FIGURES.lines()) == [
        "|  | Edgeway | beside | times that | goal |",
        "| --- | --- | --- | --- | --- |",
        "| whole answer, one caller, p50, ms | 0.5 | 0.1 | 5 |  |",
        "| memory at rest, one process, MB | 90 |  |  | at most 80: missed |",
        "| memory with 50 streams, small requests, two processes, MB | 95 |  |  | at most 150 |",
        "| cold start of messages: to the first byte, ms | 522 | 600 | 0.87 |  |",
        "",
        "date 2026-11-30; Python 3.13",
    ]


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    FIGURES.write(tmp_path / "figures.json")
    assert Figures.read(tmp_path / "figures.json") == FIGURES


def test_charts_are_of_cold_starts_and_memory() -> None:
    assert panels(FIGURES) == [
        Panel("A cold start to the first byte, ms", [Bar("messages", 522)]),
        Panel("Memory (PSS), MB", [Bar("at rest", 90), Bar("50 streams, small requests", 95)]),
    ]


def result(**figures: float) -> dict[str, float]:
    return {"errors": 0, **figures}


def test_losses_beside_peers_are_told() -> None:
    run: dict[str, Any] = {
        "meta": {"ours": {"idle": {"pss_mb": 60}}, "fast": {"idle": {"pss_mb": 40}}},
        "res": {
            "ours": {"ns_c1": [result(total_p50=value) for value in (1, 2, 9)], "ns_c50": [result(rps=900)]},
            "fast": {"ns_c1": [result(total_p50=4)], "ns_c50": [result(rps=1000)]},
            "slow": {"ns_c1": [{"errors": 3, "total_p50": 8}]},
            "direct": {"ns_c1": [result(total_p50=0.1)]},
        },
    }
    assert list(Comparison([run]).lines()) == [
        "|  | Edgeway | fast | slow | floor | beside the best peer |",
        "| --- | --- | --- | --- | --- | --- |",
        "| whole answer, one caller, p50, ms | 2 | 4 | 8 | 0.1 | 0.50 times |",
        "| whole answers a second, 50 callers | 900 | 1,000 |  |  | 0.90 times, **lost** |",
        "| memory at rest, MB | 60 | 40 |  |  | 1.50 times, **lost** |",
        "| errors | 0 | 0 | 3 | 0 |  |",
    ]


def test_a_part_of_the_page_is_replaced() -> None:
    page = "# A\n\n<!-- peers: written by tests/bench/page.py -->\nold\n<!-- end of peers -->\n\nrest\n"
    once = with_part(page, "peers", ["new"])
    assert once == ("# A\n\n<!-- peers: written by tests/bench/page.py -->\n\nnew\n\n<!-- end of peers -->\n\nrest\n")
    assert with_part(once, "peers", ["new"]) == once
    with pytest.raises(ValueError, match="no place for the figures"):
        with_part(page, "figures", [])
