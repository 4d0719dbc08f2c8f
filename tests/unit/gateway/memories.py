"""Environments that share one store in memory, each with a memory of its own of what upstreams have taught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from gateway.routing.trait_memory import TraitMemory
from gateway.storage.protocol import ConflictError, Item, ItemType

from tests.unit.gateway.clocks import Clock


class Inline(Executor):
    """Does everything at once."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*arguments, **named))
        return done


@dataclass(slots=True)
class Table:
    """A store in memory that counts its queries, and fails where it is told to."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    failure: Exception | None = None
    conflicts: int = 0

    def get(self, pk: str, sk: str) -> Item | None:
        if self.failure:
            raise self.failure
        return self.items.get((pk, sk))

    def put(self, item: Item, *, replaces: int | None) -> None:
        if self.failure:
            raise self.failure
        stored = self.items.get((item.pk, item.sk))
        if self.conflicts or (stored.version if stored else None) != replaces:
            self.conflicts -= 1
            raise ConflictError(item.pk)
        self.items[item.pk, item.sk] = item

    def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        assert sk_prefix == ""
        self.reads.append(pk)
        if self.failure:
            raise self.failure
        return [item for (partition, _), item in sorted(self.items.items()) if partition == pk]

    def scan(self, item_type: ItemType) -> Sequence[Item]:
        raise AssertionError

    def delete(self, pk: str, sk: str) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


@dataclass(slots=True)
class Environments:
    """Some environments with one store, and what they log."""

    table: Table = field(default_factory=Table)
    clock: Clock = field(default_factory=lambda: Clock(1000.0))
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def start(self, background: Executor | None = None) -> TraitMemory:
        return TraitMemory(
            lambda: self.table,
            background=background or Inline(),
            clock=self.clock,
            log=lambda message, fields: self.lines.append((message, fields)),
        )
