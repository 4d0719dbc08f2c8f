"""Sums up what the processes of a server have served since its start, in a file that they share."""

from __future__ import annotations

import fcntl
import json
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from gateway.money.amounts import dollars

SAVE_SECONDS: Final = 1.0
"""A request does not wait for a file; a process that is killed loses so much."""
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
        return Sum(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.micro_dollars + other.micro_dollars,
        )

    def line(self, name: str, width: int) -> str:
        """As it is printed."""
        cached = f" ({self.cached_tokens:,} cached)" if self.cached_tokens else ""
        requests = f"{self.requests:,} request{'' if self.requests == 1 else 's'}"
        tokens = f"{self.input_tokens:,} in{cached}  {self.output_tokens:,} out"
        return f"  {name:<{width}}  {requests}  {tokens}  {dollars(self.micro_dollars)}"


class Sums:
    """Those in a file, which need not exist yet. It is written at intervals, and by `save` at the end."""

    def __init__(self, file: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._monotonic = monotonic
        self._saved_at = -math.inf
        self._unsaved: dict[str, Sum] = {}
        self._all = Sum()
        """As far as this process knows: what others have served since is not in it."""

    def add(self, model: str, more: Sum) -> Sum:
        """Count a request that this model has answered; the sum of all that is known of."""
        name = _name(model, self._unsaved)
        self._unsaved[name] = self._unsaved.get(name, Sum()) + more
        self._all += more
        if self._monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()
        return self._all

    def save(self) -> None:
        """Write what has not been written. A file that cannot be used keeps nobody from being served."""
        self._saved_at = self._monotonic()
        if self._unsaved:
            with suppress(OSError, ValueError):
                self._save()

    def _save(self) -> None:
        with self._file.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            sums = _read(file.read())
            for model, more in self._unsaved.items():
                name = _name(model, sums)
                sums[name] = sums.get(name, Sum()) + more
            file.truncate(0)
            file.write(json.dumps({each: asdict(sums[each]) for each in sums}))
        self._unsaved.clear()
        self._all = sum(sums.values(), Sum())

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


def _name(model: str, sums: Mapping[str, Sum]) -> str:
    return model if model in sums or len(sums) < MOST_MODELS else OTHER


def _read(text: str) -> dict[str, Sum]:
    written: Mapping[str, Any] = json.loads(text or "{}")
    return {name: Sum(**numbers) for name, numbers in written.items()}
