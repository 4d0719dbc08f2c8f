"""docs/conformance.md as data: how many tests hold which failure mode."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conformance.modes import MODES, Mode

FILE = Path(__file__).parents[2] / "docs" / "conformance.md"

INTRODUCTION = """\
# Conformance

The failure modes are those in which gateways like this one are known to break, gathered from public issue trackers. The
table says what is right instead, and how many tests hold it. Tests that need more than `make test` are counted apart,
below the command that runs them.

`make conformance MODE=9` runs the tests of one failure mode, and names them. `make conformance` runs all of them, and
writes this page when they have passed. A test of `make test` compares the page with the tests that there are.
`make mutations` shows the other direction: it switches one behaviour off at a time
([tests/mutations](../tests/mutations/mutations.py)), and a test fails.
"""

TEST = "make test"


class Held(NamedTuple):
    """A test that holds a failure mode."""

    mode: int
    command: str
    """Which runs it."""
    test: str
    """Its node id."""


def render(held: Iterable[Held]) -> str:
    """The text of the page."""
    counts = Counter((test.mode, test.command) for test in held)
    commands = [TEST, *sorted({command for _, command in counts if command != TEST})]
    lines = [f"| # | what goes wrong | what is right instead | {' | '.join(f'`{each}`' for each in commands)} |"]
    lines.append("|---" * (3 + len(commands)) + "|")
    lines += [_row(mode, [counts[mode.number, command] for command in commands]) for mode in MODES]
    return "\n".join([INTRODUCTION, *lines, "", *_missing()])


def _row(mode: Mode, counts: Iterable[int]) -> str:
    return f"| {mode.number} | {mode.title} | {mode.right} | {' | '.join(str(count or '') for count in counts)} |"


def _missing() -> Iterator[str]:
    yield "## Not built yet\n"
    for mode in MODES:
        if mode.missing:
            yield f"* {mode.number}, {mode.title}: {mode.missing}."
    yield ""
