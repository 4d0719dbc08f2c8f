"""Faults of one kind, and what they have left in the server's processes: the rows of the matrix."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.chaos.cells import Caller, Cell
from tests.soak.watching import Rest, Server, settled

AT_ONCE: Final = 8
SETTLE_SECONDS: Final = 20.0
GROWTH: Final = 1.2
GROWTH_MEGABYTES: Final = 25
"""What a process may hold more than before all faults: caches that are filled once, and what Python does not give back
of the largest answers."""

Fault = Callable[[Caller], Awaitable[Cell]]


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of faults."""

    name: str
    cells: Sequence[Cell]
    left: str
    """What the processes hold and did not hold before; empty: nothing."""

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong."""
        return not self.left and all(cell.is_well for cell in self.cells)

    def markdown(self) -> str:
        """As docs/security.md has it."""
        seen = Counter(part for cell in self.cells for part in cell.parts())
        saw = ", ".join(f"{times} x {what}" for what, times in seen.most_common(4))
        rest = len(seen) - 4
        lawful, served = (sum(not getattr(cell, of) for cell in self.cells) for of in ("unlawful", "after"))
        of_all = len(self.cells)
        return (
            f"| {self.name} | {of_all} | {saw}{f', {rest} other outcomes' if rest > 0 else ''} | "
            f"{lawful} of {of_all} | {served} of {of_all} | {self.left or 'nothing'} |"
        )


HEAD: Final = (
    "| faults | number | what callers saw | lawful | the next one served | left behind |\n|---|---|---|---|---|---|"
)


class Watch:
    """What the processes held before all faults."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._rest: Sequence[Rest] = ()
        self._megabytes = 0.0

    async def begin(self) -> None:
        """Take it: what is opened when it is first needed is open."""
        self._rest = await asyncio.to_thread(self._server.rest)
        self._megabytes = max(await self._held())

    async def left(self) -> str:
        """What they hold more, once it has settled."""
        found = await settled(self._server, self._rest, SETTLE_SECONDS)
        megabytes = max(await self._held())
        if megabytes > self._megabytes * GROWTH + GROWTH_MEGABYTES:
            found.append(f"a process has grown from {self._megabytes:.0f} to {megabytes:.0f} MB")
        return "; ".join(found)

    async def _held(self) -> list[float]:
        return [sample.megabytes for sample in await asyncio.to_thread(self._server.sample, 0.0)]


async def once(faults: Iterable[Fault], caller: Caller, *, at_once: int = AT_ONCE) -> list[Cell]:
    """Play them, so many at a time."""
    todo, cells = list(faults), list[Cell]()
    for start in range(0, len(todo), at_once):
        cells += await asyncio.gather(*(fault(caller) for fault in todo[start : start + at_once]))
    return cells


async def run(name: str, faults: Iterable[Fault], caller: Caller, watch: Watch, *, at_once: int = 1) -> Row:
    """Play them, look at what they have left, and print it."""
    cells = await once(faults, caller, at_once=at_once)
    row = Row(name, cells, await watch.left())
    lines = [cell.row() for cell in cells]
    print("\n".join([*lines, f"{'BAD ' if row.left else 'ok  '}left by these: {row.left or 'nothing'}"]), flush=True)  # noqa: T201
    return row
