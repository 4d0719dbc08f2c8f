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
    """The observation, in a few words."""
    advice: str = ""
    """The advice, or the meaning for callers."""

    def as_json(self) -> Mapping[str, Any]:
        """Return the finding for programs."""
        return asdict(self)


def judged(check: str, faults: list[str], found: str, advice: str) -> Finding:
    """Return a passed finding where there are no faults, or else a failed one with faults and advice."""
    if faults:
        return Finding(check, "failed", "; ".join(faults), advice)
    return Finding(check, "passed", found)
