"""Writes docs/aws-cost.md: what AWS asks for a million answers, by its list prices and by how the stack is made.

`python -m edgeway.docs.aws_cost` writes the page; `make docs` calls it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

PAGE: Final = Path(__file__).parents[2] / "docs" / "aws-cost.md"

Architecture = Literal["arm64", "x86_64"]

TURNS: Final = 1_000_000
TURN_SECONDS: Final = 20
TURN_KILOBYTES: Final = 300
"""What is sent to the caller: events are larger than the words in them."""
LOGGED_KILOBYTES: Final = 2

# Dollars, list prices of us-east-1 in November 2026.
GIGABYTE_SECOND: Final[dict[Architecture, float]] = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
INVOCATION: Final = 0.20 / 1_000_000
API_REQUEST: Final = 3.50 / 1_000_000
TABLE_READ: Final = 0.125 / 1_000_000
TABLE_WRITE: Final = 0.625 / 1_000_000
LOG_GIGABYTE: Final = 0.50
EGRESS_GIGABYTE: Final = 0.09
CONTAINER_MONTH: Final = 105.0
"""Two Fargate tasks of one arm64 processor and 4 GB, and a load balancer."""

MEGABYTES_OF_A_PROCESSOR: Final = 1769
"""From so much memory on, a function has a whole one. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
# Milliseconds of a processor, by `make cold-start` on x86_64 beside much other work, which makes them larger: of the
# messages function from its start, from its first invocation to the first words, of the second, and from a snapshot.
START: Final = 1022
FIRST_WORDS: Final = 36
WARM_WORDS: Final = 6
RESTORED_WORDS: Final = 55

AUTHORIZER_SECONDS: Final = 0.010
AUTHORIZER_MEGABYTES: Final = 512


def streaming(architecture: Architecture, megabytes: int) -> float:
    """Return the cost of a million answers' seconds in the messages function."""
    return TURNS * TURN_SECONDS * megabytes / 1024 * GIGABYTE_SECOND[architecture]


def requests(architecture: Architecture) -> dict[str, float]:
    """Return the cost of a million answers that does not depend on their length."""
    authorizer = AUTHORIZER_SECONDS * AUTHORIZER_MEGABYTES / 1024 * GIGABYTE_SECOND[architecture]
    return {
        "API Gateway, a request": TURNS * API_REQUEST,
        "Lambda, two invocations (authorizer and route)": TURNS * 2 * INVOCATION,
        "the authorizer, 512 MB for 10 ms": TURNS * authorizer,
        "DynamoDB, one consistent read and two writes at most": TURNS * (TABLE_READ + 2 * TABLE_WRITE),
        "CloudWatch Logs, 2 KB": TURNS * LOGGED_KILOBYTES / 1_000_000 * LOG_GIGABYTE,
    }


def egress() -> float:
    """Return the cost of a million answers' traffic out of AWS."""
    return TURNS * TURN_KILOBYTES / 1_000_000 * EGRESS_GIGABYTE


def turning_point(architecture: Architecture, megabytes: int) -> int:
    """Return the answers a month from which two containers cost less, in thousands. Both pay for traffic out of AWS."""
    each = (streaming(architecture, megabytes) + sum(requests(architecture).values())) / TURNS
    return round(CONTAINER_MONTH / each / 1000) * 1000


def share_of(megabytes: int) -> float:
    """Return the share of one processor that a function with this memory has."""
    return min(1.0, megabytes / MEGABYTES_OF_A_PROCESSOR)


def page() -> str:
    """The page."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    yield from (
        "# What AWS costs",
        "",
        f"A million answers of {TURN_SECONDS} seconds, by the list prices of us-east-1 in November 2026, without free",
        "tiers and without what the models cost. `make docs` calculates this page (`edgeway/docs/aws_cost.py`).",
        "Look up the prices of your Region.",
        "",
        "## The seconds of streaming",
        "",
        "The messages function is paid for as long as the model answers, by its `Architecture` and `MessagesMemory`:",
        "",
        "| memory | arm64 | x86_64 |",
        "|---|---|---|",
    )
    for megabytes in (512, 1024, 2048):
        arm, intel = (streaming(architecture, megabytes) for architecture in ("arm64", "x86_64"))
        yield f"| {megabytes} MB | ${arm:.0f} | ${intel:.0f} |"
    yield from _first_words()
    yield from ("", "## All else", "", "| for a million answers | dollars |", "|---|---|")
    found = requests("arm64")
    for name, dollars in found.items():
        yield f"| {name} | {dollars:.2f} |"
    yield from (
        f"| **together** | **{sum(found.values()):.2f}** |",
        f"| what leaves AWS, {TURN_KILOBYTES} KB an answer at ${EGRESS_GIGABYTE} a GB | {egress():.2f} |",
        "",
        "## From when on a container costs less",
        "",
        f"Two Fargate tasks (one arm64 processor, 4 GB) and a load balancer cost about ${CONTAINER_MONTH:.0f} a month,",
        "however much they answer. That is less than the stack from so many answers a month on:",
        "",
        "| memory | arm64 | x86_64 |",
        "|---|---|---|",
    )
    for megabytes in (512, 1024):
        arm, intel = (turning_point(architecture, megabytes) for architecture in ("arm64", "x86_64"))
        yield f"| {megabytes} MB | {arm:,} | {intel:,} |"
    yield from ("", "[container.md](container.md) says how to run it there.")


def _first_words() -> Iterator[str]:
    yield from (
        "",
        "## Memory and the first words",
        "",
        f"Lambda gives processor time by memory: a whole processor at {MEGABYTES_OF_A_PROCESSOR:,} MB. Measured by",
        "`make cold-start` is what the messages function needs of it, here divided by its share. Lambda's own time to",
        "make an environment and the model's to answer come on top. The machine had much other work: an earlier run",
        "with less needed 0.5 s to be ready ([performance.md](performance.md#how-long-a-cold-start-takes)).",
        "`make cold-start` also holds the function to each share, and prints what the clock says.",
        "",
        "| memory | a start from cold, to ready | first words of its first answer | of later ones | after a snapshot |",
        "|---|---|---|---|---|",
    )
    for megabytes in (512, 1024, MEGABYTES_OF_A_PROCESSOR):
        start, *words = (ms / share_of(megabytes) for ms in (START, FIRST_WORDS, WARM_WORDS, RESTORED_WORDS))
        cells = [f"{start / 1000:.1f} s", *(f"{each:.0f} ms" for each in words)]
        yield f"| {megabytes} MB | {' | '.join(cells)} |"
    yield from (
        "",
        "So 512 MB, the default, halve what streaming costs. The price is a slower start from cold, which few requests",
        "meet, and some milliseconds of every other. With SnapStart, AWS's time to restore stands for the first",
        "column; we could not measure that. Why so: [decision 38](decisions/0038-private-and-half-a-gigabyte.md).",
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
