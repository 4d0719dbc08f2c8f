"""The functions: an app module, imported anew, and the events that it is asked with."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[3]

Handler = Callable[[dict[str, Any], object], Any]
"""As a test calls it: a function of an app module that has been awaited."""


def load(name: str) -> ModuleType:
    """The module of a function."""
    path = ROOT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"functions.{name}.loaded", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_event(name: str, key: str) -> dict[str, Any]:
    """An event of events/ as it would be with this key."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    for header, value in event["headers"].items():
        match header.lower():
            case "x-api-key":
                event["headers"][header] = key
            case "authorization":
                event["headers"][header] = f"Bearer {key}"
            case _:
                assert "ew_EXAMPLE" not in value
    return event
