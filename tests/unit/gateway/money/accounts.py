"""What the ledger's tests share: a priced candidate, keys with budgets, a prompt, and what is stored of a budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from gateway.access.key_records import KeyRecord
from gateway.money.budgets import SORT_KEY, Account, partition_of, read_account
from gateway.money.estimates import Estimate
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.resolve import Candidate
from gateway.storage.protocol import Store
from translator.anthropic.events import Usage

from tests.loop import run
from tests.unit.gateway.fakes import candidate

KEY = KeyRecord(id="key_1", name="alice", hint="", created=0)
PRICES = Prices(input=1_000_000, output=10_000_000, cache_read=100_000)
PRICED = replace(candidate("one", "model"), facts=replace(unknown_model("one", "model"), prices=(PRICES,)))


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt of so many tokens."""

    guessed_most: int

    def __int__(self) -> int:
        return self.guessed_most


ESTIMATE = Estimate(input_tokens=Prompt(100), max_tokens=90, seconds=60.0)
COST = 1_000
"""Micro-dollars, of `ESTIMATE` at `PRICES`."""
USED = Usage(input_tokens=100, output_tokens=40)
SPENT = 500
"""Micro-dollars, of `USED` at `PRICES`."""


def limited(**budgets: Any) -> KeyRecord:
    """A key with these budgets."""
    return replace(KEY, **budgets)


def priced(*prices: Prices) -> Candidate:
    """A candidate with these prices."""
    assert PRICED.facts is not None
    return replace(PRICED, facts=replace(PRICED.facts, prices=prices))


def giving(store: Store) -> Callable[[], Awaitable[Store]]:
    """What opens a store that is open."""

    async def store_that_is_open() -> Store:
        return store

    return store_that_is_open


def stored(store: Store, scope: str = "key/key_1") -> Account:
    """What is stored of a budget."""
    found = run(store.get(partition_of(scope), SORT_KEY))
    return read_account(found.attributes) if found else Account()
