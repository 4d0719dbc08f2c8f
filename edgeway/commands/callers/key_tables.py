"""Prints keys as tables."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import typer
from gateway.access.key_records import BUDGET_FIELDS, LIMITS, KeyRecord
from gateway.money.amounts import dollars
from rich.table import Table

from edgeway.commands.tables import print_table
from edgeway.key_audit import Act
from edgeway.keyring import Admission


def print_new_key(key: str, record: KeyRecord, base_url: str, *, as_json: bool) -> None:
    """The key itself on standard output, for a script to catch; all else on standard error."""
    if as_json:
        typer.echo(json.dumps({"key": key, **key_as_json(record)}))
        return
    typer.echo(key)
    typer.echo(f"{record.id} ({record.name}): keep the key now, it is not shown again.", err=True)
    if base_url:
        typer.echo(f"export ANTHROPIC_BASE_URL={base_url} ANTHROPIC_AUTH_TOKEN=YOUR_KEY", err=True)


def print_keys(records: Sequence[KeyRecord], *, as_json: bool) -> None:
    """A line for each key."""
    if as_json:
        typer.echo(json.dumps([key_as_json(record) for record in records]))
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
            _expiry(record),
        )
    print_table(table)


def print_key(record: KeyRecord, admission: Admission | None, *, as_json: bool) -> None:
    """All that is known of one key."""
    if as_json:
        typer.echo(json.dumps({**key_as_json(record), "api_gateway": admission and asdict(admission)}))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    rows = {
        "id": record.id,
        "name": record.name,
        "key": record.hint,
        "owner": record.owner,
        "role": record.role,
        "status": _status(record),
        "plan": record.plan,
        "models": ", ".join(record.allowed_models) or "all",
        "made": _date(record.created),
        "expires": _expiry(record),
        **_limits(record),
    }
    if admission:
        state = "enabled" if admission.enabled else "disabled"
        rows["API Gateway"] = f"{admission.id}, {state}, in plan: {', '.join(admission.plans) or 'none'}"
    for name, value in rows.items():
        table.add_row(name, value)
    print_table(table)


def key_as_json(record: KeyRecord) -> dict[str, Any]:
    """The facts of a key, amounts with their unit in the name."""
    facts = asdict(record)
    return {f"{name}_micro_dollars" if name in BUDGET_FIELDS else name: value for name, value in facts.items()}


def dollars_or_none(micro_dollars: int | None) -> str:
    """A limit as people read it."""
    return "none" if micro_dollars is None else dollars(micro_dollars)


def _limits(record: KeyRecord) -> dict[str, str]:
    """Those that there are, by what they are called on the command line."""
    rows = {name.replace("_", " "): getattr(record, name) for name in LIMITS}
    pool = {"pool": record.pool} if record.pool else {}
    return pool | {
        name: dollars(limit) if "budget" in name else f"{limit:,}" for name, limit in rows.items() if limit is not None
    }


def print_acts(acts: Sequence[Act], *, as_json: bool) -> None:
    """A line for each act."""
    if as_json:
        typer.echo(json.dumps([asdict(act) for act in acts]))
        return
    table = Table("at", "by", "act", "key", "name", "facts")
    for act in acts:
        table.add_row(
            _told(act.at, "%Y-%m-%d %H:%M:%S"), act.by, act.act, act.key_id, act.key_name, " ".join(act.facts)
        )
    print_table(table)


def _status(record: KeyRecord) -> str:
    is_expired = record.expires is not None and record.expires <= time.time()
    return "expired" if is_expired and record.status == "active" else record.status


def _expiry(record: KeyRecord) -> str:
    return "never" if record.expires is None else _date(record.expires)


def _date(seconds: int) -> str:
    return _told(seconds, "%Y-%m-%d")


def _told(seconds: int, form: str) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(form)
    except (OSError, OverflowError, ValueError):
        return "in no calendar"
