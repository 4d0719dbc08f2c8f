"""Environments that share one store in memory, each with a memory of its own of what upstreams have taught."""

from __future__ import annotations

import asyncio
from asyncio import Event
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.learning.trait_memory import TraitMemory
from gateway.learning.trait_table import TraitTable
from gateway.routing.resolve import Candidate
from gateway.storage.protocol import Change, ConflictError, Item, ItemType
from gateway.web.uninterrupted import settled
from translator.learned_traits import CorrectableError

from tests.unit.gateway.clocks import Clock


@dataclass(slots=True)
class Table:
    """A store in memory that counts its queries, and fails or waits where it is told to."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    failure: Exception | None = None
    conflicts: int = 0
    held: Event | None = None
    """Until it is set, nothing is answered."""

    async def get(self, pk: str, sk: str) -> Item | None:
        await self._answers()
        return self.items.get((pk, sk))

    async def put(self, item: Item, *, replaces: int | None) -> None:
        await self._answers()
        stored = self.items.get((item.pk, item.sk))
        if self.conflicts or (stored.version if stored else None) != replaces:
            self.conflicts = max(0, self.conflicts - 1)
            raise ConflictError(item.pk)
        self.items[item.pk, item.sk] = item

    async def change(self, change: Change) -> Item:
        raise AssertionError

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        assert sk_prefix == ""
        self.reads.append(pk)
        await self._answers()
        return [item for (partition, _), item in sorted(self.items.items()) if partition == pk]

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        raise AssertionError

    async def delete(self, pk: str, sk: str) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError

    async def _answers(self) -> None:
        await asyncio.sleep(0)  # others come first
        if self.held:
            await self.held.wait()
        if self.failure:
            raise self.failure


@dataclass(slots=True)
class Environments:
    """Some environments with one store, and what they log."""

    table: Table = field(default_factory=Table)
    clock: Clock = field(default_factory=lambda: Clock(1000.0))
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def start(self) -> TraitMemory:
        return TraitMemory(
            lambda: TraitTable(self.table, clock=self.clock),
            clock=self.clock,
            log=lambda message, fields: self.lines.append((message, fields)),
        )


async def stored(memory: TraitMemory) -> None:
    """Wait for what it reads and writes after a request has been answered."""
    await settled()


async def learn(memory: TraitMemory, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
    """Learn, and wait until it is stored."""
    memory.learn(candidate, key_id, refusal)
    await stored(memory)
