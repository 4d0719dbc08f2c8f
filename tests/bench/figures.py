"""The figures of a run: collected, shown as a table, and written as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Self

import psutil

from edgeway.docs.charts import rounded
from edgeway.docs.markdown import table
from tests.running import ROOT

LIBRARIES: Final = ("httptools", "httpx", "pydantic", "tiktoken", "uvicorn", "uvloop")
HEADINGS: Final = ("", "Edgeway", "beside", "times that", "goal")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    name: str
    unit: str
    value: float
    beside: float | None = None
    """What it is compared with, in the same run: the same without a gateway, unless its name says something else."""
    goal: float | None = None
    """The most that the value may be."""

    @property
    def is_missed(self) -> bool:
        """Whether there is a goal, and it is not reached."""
        return self.goal is not None and self.value > self.goal

    def row(self) -> list[str]:
        """The cells of its row."""
        beside = "" if self.beside is None else rounded(self.beside)
        ratio = "" if not self.beside else rounded(self.value / self.beside)
        goal = "" if self.goal is None else f"at most {rounded(self.goal)}{': missed' if self.is_missed else ''}"
        return [f"{self.name}, {self.unit}", rounded(self.value), beside, ratio, goal]


@dataclass(slots=True)
class Figures:
    """All figures of a run, and where they were measured."""

    where: dict[str, str] = field(default_factory=dict)
    rows: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> str:
        """Keep a figure, and return the line that tells it."""
        self.rows.append(figure)
        name, value, beside, ratio, goal = figure.row()
        compared = f" ({ratio} times {beside})" if ratio else ""
        return f"{name}: {value}{compared}{f', {goal}' if goal else ''}"

    def lines(self) -> Iterator[str]:
        """The table, as Markdown, and below it where it was measured."""
        yield from table(HEADINGS, (figure.row() for figure in self.rows))
        yield ""
        yield "; ".join(f"{name} {value}" for name, value in self.where.items())

    def write(self, path: Path) -> None:
        """Write them as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` has written."""
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(told["where"], [Figure(**row) for row in told["rows"]])


def surroundings() -> dict[str, str]:
    """Where and of what the figures are: machine, versions, revision, date."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "revision": _said("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "machine": f"{os.cpu_count()} cores of {_processor()}, {psutil.virtual_memory().total / 2**30:.0f} GB",
        "load before the run": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which this part of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
