"""`edgeway traits`: show and forget what upstreams have taught by refusing, on this machine or on a stack."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import typer
from gateway.learning.trait_records import KnownTrait
from rich.table import Table

from edgeway.commands.store_setting import DataOption, StoreOption
from edgeway.commands.tables import print_table
from edgeway.commands.target import EXIT_STATUSES, StackOption, Target, open_target

app = typer.Typer(
    no_args_is_help=True,
    help="Show and forget what upstreams have taught about their models by refusing a request.",
    epilog=EXIT_STATUSES,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class _Row(NamedTuple):
    model: str
    known: KnownTrait

    @property
    def value(self) -> Any:
        """As in edgeway.toml."""
        return self.known.trait.value

    def facts(self) -> dict[str, Any]:
        """For programs."""
        provider, _, model = self.model.partition("/")
        return {
            "provider": provider,
            "model": model,
            "trait": self.known.trait.name,
            "value": self.value,
            "shared": self.known.is_shared,
            "keys": self.known.key_ids,
            "ends": self.known.ends,
        }


@app.command("list")
def list_traits(
    *, as_json: JsonOption = False, stack: StackOption = None, data: DataOption = None, store: StoreOption = None
) -> None:
    """List what is learnt, by model: for everybody, or for the key that has met it."""
    with open_target(stack, store, data) as target:
        rows = list(_rows(target))
        names = {} if as_json else {record.id: record.name for record in target.run(target.registry.all())}
    if as_json:
        typer.echo(json.dumps([row.facts() for row in rows]))
    else:
        _print(rows, names)


@app.command()
def forget(
    model: Annotated[str | None, typer.Argument(help="The model, as the list names it: provider/model.")] = None,
    *,
    key: Annotated[str | None, typer.Option(help="Forget what this key has taught: its id or its name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Forget everything.")] = False,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Forget what is learnt of a model, by a key, or everything. Functions follow within ten seconds."""
    if everything == bool(model or key):
        raise typer.BadParameter("name a model, a key or both, or say --all", param_hint="MODEL, --key, --all")
    with open_target(stack, store, data) as target:
        forgotten = target.run(target.traits.forget(model=model, key_id=_id_of(key, target)))
    typer.echo(f"Forgot {forgotten} learned {'trait' if forgotten == 1 else 'traits'}.")


def _id_of(key: str | None, target: Target) -> str | None:
    """The id of a key with this id or name; a key that is no more had just an id."""
    found = target.run(target.registry.one(key)) if key else None
    return found.record.id if found else key


def _rows(target: Target) -> Iterator[_Row]:
    for model, traits in sorted(target.run(target.traits.all()).items()):
        for known in sorted(traits.known(time.time()), key=lambda each: (each.name, each.key_ids)):
            yield _Row(model, known)


def _print(rows: list[_Row], names: Mapping[str, str]) -> None:
    table = Table("model", "trait", "value", "for", "keys", "ends")
    for row in rows:
        known = row.known
        keys = ", ".join(f"{key_id} ({names[key_id]})" if key_id in names else key_id for key_id in known.key_ids)
        table.add_row(
            row.model,
            known.trait.name,
            ", ".join(row.value) if isinstance(row.value, tuple) else json.dumps(row.value),
            "everybody" if known.is_shared else keys,
            str(len(known.key_ids)),
            datetime.fromtimestamp(known.ends, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        )
    print_table(table)
