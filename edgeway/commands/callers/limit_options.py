"""Declares the options that limit what a key, an owner or a pool may spend and ask."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

import typer

NONE: Final = "none"
_TAKEN_AWAY: Final = -1
_MICRO: Final = 1_000_000
_MOST_DOLLARS: Final = 10**9


def micro_dollars(text: str) -> int:
    """Of dollars, as people write them: `20`, `0.10`, `$1,500`; `none` takes the limit away."""
    if text.lower() == NONE:
        return _TAKEN_AWAY
    try:
        amount = Decimal(text.removeprefix("$").replace(",", "").replace("_", "")) * _MICRO
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount != int(amount) or not 0 <= amount <= _MOST_DOLLARS * _MICRO:
        raise typer.BadParameter(f"give dollars, such as 20 or 0.10 (to the micro-dollar), or {NONE}")
    return int(amount)


def count(text: str) -> int:
    """A whole number above 0; `none` takes the limit away."""
    if text.lower() == NONE:
        return _TAKEN_AWAY
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**12):
        raise typer.BadParameter(f"give a whole number above 0, or {NONE}")
    return int(text)


RequestsOption = Annotated[
    int | None,
    typer.Option(
        "--requests-per-minute",
        parser=count,
        metavar="NUMBER",
        help="Requests that it may make in a minute; none: no limit.",
    ),
]
TokensOption = Annotated[
    int | None,
    typer.Option("--tokens-per-minute", parser=count, metavar="NUMBER", help="Tokens, in and out, in a minute."),
]
StreamsOption = Annotated[
    int | None,
    typer.Option("--streams", parser=count, metavar="NUMBER", help="Answers that it may get at once."),
]
BudgetDayOption = Annotated[
    int | None,
    typer.Option(
        "--budget-day",
        parser=micro_dollars,
        metavar="DOLLARS",
        help="What it may spend in a day (of UTC, or of `zone` in edgeway.toml); none: no limit.",
    ),
]
BudgetMonthOption = Annotated[
    int | None, typer.Option("--budget-month", parser=micro_dollars, metavar="DOLLARS", help="The same in a month.")
]
BudgetTotalOption = Annotated[
    int | None, typer.Option("--budget-total", parser=micro_dollars, metavar="DOLLARS", help="The same in all.")
]


def given(**limits: int | None) -> dict[str, Any]:
    """The limits that were named; None for one that is taken away."""
    return {name: None if limit == _TAKEN_AWAY else limit for name, limit in limits.items() if limit is not None}
