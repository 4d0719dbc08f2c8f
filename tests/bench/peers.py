"""The benchmark beside other gateways: what its JSON says, as a table and as charts.

That benchmark is not ours alone and not part of this repository. Its JSON has for each gateway and each scenario the
figures of every round (`res`), and for each gateway what it holds at rest (`meta`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from edgeway.docs.charts import Bar, Panel, rounded
from edgeway.docs.markdown import table

OURS: Final = "ours"
FLOOR: Final = "direct"
NAMES: Final = {OURS: "Edgeway", FLOOR: "floor"}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a scenario."""

    name: str
    scenario: str
    key: str
    is_rate: bool = False
    """Whether more is better."""


ROWS: Final = (
    Row("whole answer, one caller, p50, ms", "ns_c1", "total_p50"),
    Row("request of 100 KB, one caller: first delta, p50, ms", "big_c1", "ttft_p50"),
    Row("whole answers a second, 50 callers", "ns_c50", "rps", is_rate=True),
    Row("streams of 50 chunks a second, 50 callers", "st_c50", "rps", is_rate=True),
    Row("chunks a second, one stream of 2,000", "ev_c1", "dps", is_rate=True),
    Row("chunks a second, ten streams", "ev_c10", "dps", is_rate=True),
    Row("50 paced streams: transit p50, ms", "pace_c50", "tok_p50"),
    Row("50 paced streams: transit p99, ms", "pace_c50", "tok_p99"),
    Row("memory at rest, MB", "", "pss_mb"),
)


class Comparison:
    """The medians of all rounds, of ours and of each peer."""

    def __init__(self, told: Iterable[dict[str, Any]]) -> None:
        rounds: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self._errors: dict[str, int] = defaultdict(int)
        for run in told:
            for name, scenarios in run["res"].items():
                for scenario, results in scenarios.items():
                    self._errors[name] += sum(result["errors"] for result in results)
                    for result in results:
                        for key, value in result.items():
                            rounds[name, scenario, key].append(value)
            for name, meta in run["meta"].items():
                rounds[name, "", "pss_mb"].append(meta["idle"]["pss_mb"])
        self._medians = {which: median(values) for which, values in rounds.items()}
        names = sorted({name for name, _, _ in rounds} - {OURS, FLOOR})
        self._names = [OURS, *names, *([FLOOR] if FLOOR in self._errors else [])]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Self:
        """Read the files of one or several runs."""
        return cls(json.loads(path.read_text(encoding="utf-8")) for path in paths)

    def lines(self) -> Iterator[str]:
        """The table, as Markdown."""
        headings = ["", *(NAMES.get(name, name) for name in self._names), "beside the best peer"]
        rows = [[row.name, *map(self._cell(row), self._names), self._verdict(row)] for row in ROWS if self._bars(row)]
        yield from table(headings, [*rows, ["errors", *(str(self._errors[name]) for name in self._names), ""]])

    def panels(self) -> list[Panel]:
        """The same as charts."""
        return [Panel(row.name, bars) for row in ROWS if (bars := self._bars(row))]

    def _bars(self, row: Row) -> list[Bar]:
        values = {name: self._value(row, name) for name in self._names if name != FLOOR}
        return [
            Bar(NAMES.get(name, name), value, is_ours=name == OURS)
            for name, value in values.items()
            if value is not None
        ]

    def _cell(self, row: Row) -> Any:
        return lambda name: "" if (value := self._value(row, name)) is None else rounded(value)

    def _value(self, row: Row, name: str) -> float | None:
        return self._medians.get((name, row.scenario, row.key))

    def _verdict(self, row: Row) -> str:
        """How many times the best peer's figure ours is, and whether that is a loss."""
        bars = self._bars(row)
        ours = [bar.value for bar in bars if bar.is_ours]
        peers = [bar.value for bar in bars if not bar.is_ours]
        if not ours or not peers:
            return ""
        ratio = ours[0] / best(peers, is_rate=row.is_rate)
        is_lost = ratio < 1 if row.is_rate else ratio > 1
        return f"{ratio:.2f} times{', **lost**' if is_lost else ''}"


def best(values: Sequence[float], *, is_rate: bool) -> float:
    """The best of them."""
    return max(values) if is_rate else min(values)
