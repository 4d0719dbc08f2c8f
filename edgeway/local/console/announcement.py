"""A note in the data folder while a local gateway runs, so that `edgeway clients` knows its address and its models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from edgeway.clients import Gateway

FILE: Final = "running.json"


@contextmanager
def announced(folder: Path, gateway: Gateway | None) -> Iterator[None]:
    """Leave the note for as long as the block lasts. It holds no key."""
    if gateway is None:
        yield
        return
    file = folder / FILE
    file.write_text(json.dumps(asdict(replace(gateway, key=""))), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running_gateway(folder: Path, key: str) -> Gateway | None:
    """Return the gateway that runs on this data folder, with the key that is to be shown; None where none does."""
    try:
        known = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Gateway(**{**known, "key": key})
