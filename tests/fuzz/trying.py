"""Tries one input on a target, and keeps what breaks a law as a file, which a test plays from then on."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from traceback import extract_tb
from typing import Final

from tests.fuzz.targets import TARGETS

FINDINGS: Final = Path(__file__).parent / "findings"


def broken(name: str, data: bytes) -> str:
    """What an input has broken; empty: nothing."""
    target, _ = TARGETS[name]
    try:
        target(data)
    except Exception as error:  # noqa: BLE001 whatever it is, it is a finding
        last = extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    return ""


class Findings:
    """Those of one target: each place that was broken, once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.folder = FINDINGS / name
        self.places = set[str]()

    def tried(self, data: bytes) -> None:
        """Try an input; write it down where it breaks what was whole."""
        place = broken(self._name, data)
        if place and place not in self.places:
            self.places.add(place)
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / hashlib.sha256(data).hexdigest()[:16]
            file.write_bytes(data)
            sys.stdout.write(f"{self._name}: {place}: {file}\n")
            sys.stdout.flush()
