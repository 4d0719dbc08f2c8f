"""Sums up what the processes of a server have served since its start, in a file that they share."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from gateway.money.amounts import dollars

MOST_MODELS: Final = 50
OTHER: Final = "others"
"""Stands for the models after those: callers name what they like."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Of some requests. The input is whole, with what came from caches."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    micro_dollars: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Sum)))

    def line(self, name: str, width: int) -> str:
        """As it is printed."""
        cached = f" ({self.cached_tokens:,} cached)" if self.cached_tokens else ""
        requests = f"{self.requests:,} request{'' if self.requests == 1 else 's'}"
        tokens = f"{self.input_tokens:,} in{cached}  {self.output_tokens:,} out"
        return f"  {name:<{width}}  {requests}  {tokens}  {dollars(self.micro_dollars)}"


class Sums:
    """Those in a file, which need not exist yet."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, model: str, more: Sum) -> Sum:
        """Count a request that this model has answered; the sum of all, or of this one where the file is unusable."""
        try:
            return self._add(model, more)
        except (OSError, ValueError):
            return more

    def _add(self, model: str, more: Sum) -> Sum:
        with self._file.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            sums = _read(file.read())
            name = model if model in sums or len(sums) < MOST_MODELS else OTHER
            sums[name] = sums.get(name, Sum()) + more
            file.truncate(0)
            file.write(json.dumps({each: asdict(sums[each]) for each in sums}))
        return sum(sums.values(), Sum())

    def lines(self) -> list[str]:
        """A line for each model, the dearest first, and one for all together; none where nothing was served."""
        if not self._file.exists():
            return []
        sums = _read(self._file.read_text(encoding="utf-8"))
        named = sorted(sums.items(), key=lambda each: (-each[1].micro_dollars, each[0]))
        if len(named) > 1:
            named.append(("together", sum(sums.values(), Sum())))
        width = max(len(name) for name, _ in named)
        return [each.line(name, width) for name, each in named]


def _read(text: str) -> dict[str, Sum]:
    written: Mapping[str, Any] = json.loads(text or "{}")
    return {name: Sum(**numbers) for name, numbers in written.items()}
