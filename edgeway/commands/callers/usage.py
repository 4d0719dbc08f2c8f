"""`edgeway usage`: who has spent what, in tables, JSON, CSV and bars; on this machine or on a stack."""

from __future__ import annotations

import csv
import enum
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from gateway.money.amounts import dollars
from gateway.money.reports import (
    Total,
    by_client,
    grouped,
    records,
    totals_of_keys,
    totals_of_sessions,
)
from gateway.money.usage import COUNTS, Totals
from gateway.storage.protocol import Item, ItemType
from rich.table import Table

from edgeway.commands.callers.keys import JsonOption
from edgeway.commands.store_setting import DataOption, StoreOption
from edgeway.commands.tables import print_table
from edgeway.commands.target import EXIT_STATUSES, StackOption, Target, open_target
from edgeway.local.console.terminal import printable

app = typer.Typer(help="Show who has spent what.", epilog=EXIT_STATUSES)

BAR_WIDTH: Final = 40
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of one."""


class By(enum.StrEnum):
    """What the sums are of."""

    KEY = "key"
    OWNER = "owner"
    MODEL = "model"
    PROVIDER = "provider"
    DAY = "day"
    SESSION = "session"
    CLIENT = "client"


class ExportFormat(enum.StrEnum):
    """How records are written."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def _since(text: str | None) -> str:
    """An ISO date, also where `7d` says how many days ago."""
    if text is None:
        return ""
    if text.endswith("d") and text[:-1].isdecimal() and len(text) <= 6:
        return (datetime.now(UTC).date() - timedelta(days=int(text[:-1]))).isoformat()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise typer.BadParameter("give a date (2026-12-01) or days (7d)") from error


SinceOption = Annotated[
    str | None,
    typer.Option(callback=_since, metavar="DATE|7d", help="From this day on (UTC). Default: all that is kept."),
]
KeyOption = Annotated[str | None, typer.Option("--key", help="Only this key: its id or its name.")]


@app.callback(invoke_without_command=True)
def usage(
    context: typer.Context,
    by: Annotated[By, typer.Option(help="What the sums are of.")] = By.KEY,
    since: SinceOption = None,
    key: KeyOption = None,
    *,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the costs as bars.")] = False,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Show requests, tokens and costs, the dearest first. Costs are at the prices of each request's own moment."""
    if context.invoked_subcommand is not None:
        return
    with open_target(stack, store, data) as target:
        items = target.run(target.store.scan(ItemType.USAGE))
        names = {record.id: record.name for record in target.run(target.registry.all())}
        key_id = _key_id(target, key)
    sums = _sums(items, by, since or "", key_id)
    if by is By.DAY:
        sums = dict(sorted(sums.items()))
    if as_json:
        typer.echo(json.dumps([{by.value: name, **_all(totals)} for name, totals in sums.items()]))
    elif as_csv:
        typer.echo(
            _csv([by.value, *COUNTS], [[name, *_all(totals).values()] for name, totals in sums.items()]), nl=False
        )
    elif plot:
        _plot({_shown(name, by, names): totals for name, totals in sums.items()})
    else:
        _print(sums, by, names)


@app.command()
def export(
    file_format: Annotated[
        ExportFormat, typer.Option("--format", help="One JSON object a line, or CSV.")
    ] = ExportFormat.JSON_LINES,
    since: SinceOption = None,
    key: KeyOption = None,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Write the record of every request that is kept, the oldest first. Prompts and answers are in none of them."""
    with open_target(stack, store, data) as target:
        items = target.run(target.store.scan(ItemType.USAGE))
        key_id = _key_id(target, key)
    found = [
        each
        for each in records(items, now=time.time())
        if each["day"] >= (since or "") and key_id in (None, each.get("key_id"))
    ]
    if file_format is ExportFormat.JSON_LINES:
        for each in found:
            typer.echo(json.dumps(each))
        return
    columns = list(dict.fromkeys(name for each in found for name in each))
    typer.echo(_csv(columns, [[_flat(each.get(name)) for name in columns] for each in found]), nl=False)


def _key_id(target: Target, key: str | None) -> str | None:
    return None if key is None else target.run(target.keyring.one(key)).record.id


def _sums(items: Sequence[Item], by: By, since: str, key_id: str | None) -> dict[str, Totals]:
    if by is By.CLIENT:
        kept = records(items, now=time.time())
        return by_client(each for each in kept if each["day"] >= since and key_id in (None, each.get("key_id")))
    if by is By.SESSION:
        sessions = totals_of_sessions(items)
        return grouped(
            (each.session, each.totals) for each in sessions if each.day >= since and key_id in (None, each.key_id)
        )
    name: Callable[[Total], str] = {
        By.KEY: lambda each: each.holder,
        By.OWNER: lambda each: each.owner,
        By.MODEL: lambda each: each.model,
        By.PROVIDER: lambda each: each.model.partition("/")[0],
        By.DAY: lambda each: each.day,
    }[by]
    found = (each for each in totals_of_keys(items) if by is not By.OWNER or each.owner)
    return grouped((name(each), each.totals) for each in found if each.day >= since and key_id in (None, each.holder))


def _all(totals: Totals) -> dict[str, int]:
    return {name: totals[name] for name in COUNTS}


def _shown(name: str, by: By, names: Mapping[str, str]) -> str:
    """A name for people; a caller's words can do nothing to their terminal."""
    return printable(f"{name} ({names[name]})" if by is By.KEY and name in names else name) or "(none)"


def _print(sums: Mapping[str, Totals], by: By, names: Mapping[str, str]) -> None:
    table = Table(by.value, box=None, pad_edge=False)
    for heading in ("requests", "errors", "input", "cached", "output", "cost", "of it estimated"):
        table.add_column(heading, justify="right")
    rows = [(_shown(name, by, names), totals) for name, totals in sums.items()]
    for name, totals in (*rows, ("together", sum(sums.values(), Totals()))):
        whole = totals["input_tokens"] + totals["cache_read_input_tokens"] + totals["cache_creation_input_tokens"]
        cached = f"{totals['cache_read_input_tokens'] / whole:.0%}" if whole else ""
        counts = (totals["requests"], totals["errors"], whole)
        table.add_row(
            name,
            *(f"{number:,}" for number in counts),
            cached,
            f"{totals['output_tokens']:,}",
            dollars(totals["cost_micro_dollars"]),
            dollars(totals["estimated_micro_dollars"]) if totals["estimated_micro_dollars"] else "",
        )
    print_table(table)


def _plot(sums: Mapping[str, Totals]) -> None:
    most = max((totals["cost_micro_dollars"] for totals in sums.values()), default=0)
    width = max(map(len, sums), default=0)
    for name, totals in sums.items():
        cost = totals["cost_micro_dollars"]
        typer.echo(f"{name:<{width}}  {'█' * round(BAR_WIDTH * cost / max(1, most)):<{BAR_WIDTH}}  {dollars(cost)}")


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return written.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _flat(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value
