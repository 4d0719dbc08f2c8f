"""Callers with a key and budgets of their own, who ask one thing after another."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from gateway.access.key_records import KeyRegistry
from gateway.storage.protocol import Store

from tests.load.callers import Connection, Target
from tests.soak.counting import MODEL, Kind, prompt

RICH: Final = 10**12
"""Micro-dollars that no caller spends."""
POOR: Final = 60_000
"""The budget of each tenth caller."""
OWNED: Final = 4
"""Keys of one owner."""
KINDS: Final[Sequence[tuple[Kind, int]]] = (
    ("counted", 56), ("uncounted", 8), ("cut", 8), ("refused", 6), ("limited", 4), ("dropped", 4), ("endless", 8),
    ("failover", 6),
)  # fmt: skip
"""What is asked for, by weight."""
STREAMED: Final = 0.7
"""The part that is asked for as streams."""


@dataclass(slots=True)
class Spender:
    """One caller with a key of its own, and what it has asked."""

    number: int
    key: str
    key_id: str
    owner: str
    limit: int
    asked: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By tag: when it was asked, and when that ended, in nanoseconds of the monotonic clock."""
    outcomes: Counter[str] = field(default_factory=Counter)

    async def spend(self, target: Target, until: float) -> None:
        """Ask again and again, one request after another."""
        chance, turn = random.Random(self.number), 0
        kinds, weights = zip(*KINDS, strict=True)
        while time.monotonic() < until:
            turn += 1
            (kind,) = chance.choices(kinds, weights)
            tag = f"t{self.number}-{turn}"
            begun = time.monotonic_ns()
            try:
                outcome = await self._ask(target, kind, tag, chance)
            except (OSError, TimeoutError) as error:
                outcome = type(error).__name__
            self.asked[tag] = begun, time.monotonic_ns()
            self.outcomes[f"{kind}: {outcome}"] += 1
            if outcome == f"status {HTTPStatus.TOO_MANY_REQUESTS}":
                await asyncio.sleep(0.5)  # a refusal costs nobody anything, and would be asked for a thousand times

    async def _ask(self, target: Target, kind: Kind, tag: str, chance: random.Random) -> str:
        headers = {**target.headers, "x-api-key": self.key, "x-claude-code-session-id": tag}
        connection = await Connection.open(replace(target, headers=headers))
        model = "both" if kind == "failover" else f"one/{MODEL}"
        content = prompt(kind, chance.randrange(1, 50), tag, chance.randrange(5, 5000))
        body: dict[str, Any] = {"model": model, "max_tokens": 4096, "messages": [{"role": "user", "content": content}]}
        is_stream = kind == "endless" or chance.random() < STREAMED
        message = replace(target, headers=headers).message({**body, "stream": is_stream})
        try:
            if kind == "endless":
                return await self._hang_up(connection, message, chance.randrange(1, 40))
            answer = await connection.ask(message)
        finally:
            connection.close()
        return "whole" if answer.is_well else f"status {answer.status}" if answer.status != HTTPStatus.OK else "cut"

    async def _hang_up(self, connection: Connection, message: bytes, deltas: int) -> str:
        connection.send(message)
        while connection.answer.deltas < deltas and not connection.end.done():
            await connection.change()
        return f"status {connection.answer.status}" if connection.end.done() else "hung up"


async def hire(store: Store, callers: int) -> list[Spender]:
    """The callers, each with a key."""
    registry, found = KeyRegistry(store, clock=time.time), list[Spender]()
    for number in range(callers):
        owner, limit = f"owner{number // OWNED}", POOR if number % 10 == 9 else RICH
        key, record = await registry.create(
            f"caller {number}", owner=owner, pool="all", budget_day=RICH, budget_total=limit, owner_budget_month=RICH,
            pool_budget_total=RICH, streams=8,
        )  # fmt: skip
        found.append(Spender(number, key, record.id, owner, limit))
    return found
