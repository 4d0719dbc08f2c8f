"""`edgeway statusline`: one line for Claude Code's status line, of what the key has spent and may spend."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import typer
from gateway.money.amounts import dollars

app = typer.Typer()

PATIENCE_SECONDS: Final = 0.2
"""Claude Code draws its line often, and waits."""
REMEMBERED_SECONDS: Final = 15.0
_MOST_BYTES: Final = 1_000_000


@app.command("statusline")
def statusline() -> None:
    """Print one line for Claude Code, which gives a JSON object on standard input.

    The gateway and the key are those of ANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN. Where nobody answers in time, the
    line tells what was known last.
    """
    given: dict[str, Any] = {}
    with suppress(ValueError):
        read = json.loads(sys.stdin.read() or "{}")
        given = read if isinstance(read, dict) else {}
    base_url, key = os.environ.get("ANTHROPIC_BASE_URL", ""), os.environ.get("ANTHROPIC_AUTH_TOKEN", "")
    usage = _usage(base_url.rstrip("/"), key) if base_url.startswith(("http://", "https://")) and key else {}
    typer.echo(line_of(given, usage))


def line_of(given: Mapping[str, Any], usage: Mapping[str, Any]) -> str:
    """The line, of Claude Code's object and the gateway's answer, each of which may lack anything."""
    parts = [_model(given)]
    session = next(
        (each for each in usage.get("sessions", ()) if each.get("session") == given.get("session_id", "")), None
    )
    if session:
        parts.append(f"session {dollars(session.get('cost_micro_dollars', 0))}")
    if usage:
        parts.append(f"today {dollars(usage.get('today', {}).get('cost_micro_dollars', 0))}")
    if budgets := usage.get("budgets"):
        fullest = max(budgets, key=lambda each: each["used"])
        whose = "" if fullest["scope"] == "key" else f"{fullest['scope']}'s "
        until = f", resets {fullest['resets_at'][:16].replace('T', ' ')} UTC" if fullest["resets_at"] else ""
        parts.append(f"{fullest['used']:.0%} of the {whose}{fullest['window']} budget{until}")
    return " · ".join(filter(None, parts)) or "edgeway"


def _model(given: Mapping[str, Any]) -> str:
    model = given.get("model")
    name = model.get("display_name") if isinstance(model, dict) else None
    return "".join(filter(str.isprintable, name[:60])) if isinstance(name, str) else ""


def _usage(base_url: str, key: str) -> dict[str, Any]:
    """What the gateway says, or has said a few seconds ago; in the end what it has said at all."""
    place = Path(tempfile.gettempdir(), f"edgeway-statusline-{os.getuid()}-{_name(base_url, key)}.json")
    known, age = _known(place)
    if age < REMEMBERED_SECONDS:
        return known
    request = urllib.request.Request(base_url + "/v1/usage", headers={"authorization": f"Bearer {key}"})  # noqa: S310 an http address
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            told = json.loads(answer.read(_MOST_BYTES))
    except (OSError, ValueError):
        return known
    if not isinstance(told, dict) or told.get("type") != "usage":
        return known
    with suppress(OSError):
        _keep(place, told)
    return told


def _name(base_url: str, key: str) -> str:
    return sha256(f"{base_url}\0{key}".encode()).hexdigest()[:32]


def _known(place: Path) -> tuple[dict[str, Any], float]:
    with suppress(OSError, ValueError):
        found = place.stat()
        read = json.loads(place.read_text(encoding="utf-8"))
        if found.st_uid == os.getuid() and isinstance(read, dict):
            return read, time.time() - found.st_mtime
    return {}, REMEMBERED_SECONDS


def _keep(place: Path, told: Mapping[str, Any]) -> None:
    """Whole or not at all, and for its owner alone."""
    descriptor, name = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file)
    Path(name).replace(place)
