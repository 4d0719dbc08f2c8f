"""`edgeway keys`: make, list and revoke the keys of callers."""

import json
import time
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from edgeway.commands.store_setting import DataOption, StoreOption, store_setting
from edgeway.commands.tables import print_table
from gateway.key_records import KeyRecord, KeyRegistry
from gateway.keys import is_well_formed
from gateway.store import ConflictError, open_store

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of callers.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is called in lists and logs.")],
    owner: Annotated[str, typer.Option(help="Whose it is.")] = "",
    key: Annotated[str | None, typer.Option(help="Register this text as the key instead of making one.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="A model that it may use; repeat it. Default: all.")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days after which it is refused.")] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Make a key. It is printed once: only its hash is stored."""
    if key is not None and not is_well_formed(key):
        raise typer.BadParameter(
            "a key has 8 to 512 visible ASCII characters; this one is none, or a key of ours that is mistyped", param_hint="--key"
        )
    expires = None if expires_days is None else int((datetime.now(UTC) + timedelta(days=expires_days)).timestamp())
    facts = {"owner": owner, "allowed_models": tuple(model or ()), "expires": expires}
    with closing(open_store(store_setting(store, data))) as opened:
        registry = KeyRegistry(opened, clock=time.time)
        try:
            minted, record = (key, registry.register(key, name, **facts)) if key else registry.create(name, **facts)
        except ConflictError:
            typer.echo("This key is registered already. Revoke it or choose another.", err=True)
            raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({"key": minted, **asdict(record)}))
    else:
        typer.echo(minted)
        typer.echo(f"{record.id} ({name}): keep the key now, it is not shown again.", err=True)


@app.command("list")
def list_keys(as_json: JsonOption = False, data: DataOption = None, store: StoreOption = None) -> None:
    """List the keys, the newest last."""
    with closing(open_store(store_setting(store, data))) as opened:
        records = KeyRegistry(opened, clock=time.time).all()
    if as_json:
        typer.echo(json.dumps([asdict(record) for record in records]))
        return
    table = Table("id", "name", "key", "owner", "status", "plan", "models", "made", "expires")
    for record in records:
        table.add_row(
            record.id,
            record.name,
            record.hint,
            record.owner,
            _status(record),
            record.plan,
            ", ".join(record.allowed_models) or "all",
            _date(record.created),
            "never" if record.expires is None else _date(record.expires),
        )
    print_table(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The id or the name of the key.")],
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Revoke a key. Functions that have seen it refuse it within half a minute."""
    with closing(open_store(store_setting(store, data))) as opened:
        record = KeyRegistry(opened, clock=time.time).revoke(key)
    if record is None:
        typer.echo(f"There is no key with the id or name {key!r}. See: edgeway keys list", err=True)
        raise typer.Exit(1)
    typer.echo(f"{record.id} ({record.name}) is revoked; every function refuses it within 30 seconds.")


def _status(record: KeyRecord) -> str:
    is_expired = record.expires is not None and record.expires <= time.time()
    return "expired" if is_expired and record.status == "active" else record.status


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
