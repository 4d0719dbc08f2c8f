"""The result of a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["passed", "failed", "noted", "skipped"]
"""`noted`: it is as it is, and worth knowing; only `failed` needs something done."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    verdict: Verdict
    found: str
    """What was seen, in a few words."""
    advice: str = ""
    """What to do, or what it means for callers."""

    def as_json(self) -> Mapping[str, Any]:
        """For programs."""
        return asdict(self)


def judged(check: str, faults: list[str], found: str, advice: str) -> Finding:
    """Passed where there are no faults, else failed with them and with advice."""
    if faults:
        return Finding(check, "failed", "; ".join(faults), advice)
    return Finding(check, "passed", found)
