"""The ledger: reserves before the upstream call, and settles after it, whatever happens between.

Caps hold because what is reserved counts as spent until it is settled. Each budget that applies (the key's, its
owner's, a pool's) is one conditional write of one item, of which docs/decisions/0030 says why.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Protocol

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Usage

from gateway.access.key_records import KeyRecord
from gateway.access.limits import Budget, WindowName
from gateway.money.budgets import (
    SORT_KEY,
    Account,
    Reserved,
    partition_of,
    period_at,
    read_account,
    reserving,
    reset_of,
    settling,
)
from gateway.money.estimates import MOST_OUTPUT_RESERVED, Estimate
from gateway.money.pricing import cost
from gateway.money.refusals import UnreadableBudgetError, over_budget, unpriced
from gateway.money.warnings import warning_headers
from gateway.routing.model_facts import Prices
from gateway.routing.resolve import Candidate
from gateway.storage.protocol import Change, Item, Store, UnmetError
from gateway.web.failures import beside_the_answer, never_failing
from gateway.web.summary import Log
from gateway.web.uninterrupted import uninterrupted

GRACE_SECONDS = 30
"""What an answer has after its last second to be settled."""
TRIES = 6
"""Of one write, where the store fails."""
TURNS = 100
"""Of one write, where others have written before it."""
_PAUSE_SECONDS = 0.02


class Reservation(Protocol):
    """What has been set aside for one attempt."""

    @property
    def max_tokens(self) -> int:
        """The longest answer that is paid for."""

    def headers(self) -> Mapping[str, str]:
        """What the caller is told of its limits."""

    async def settle(self, usage: Usage | None, *, is_estimate: bool = False) -> None:
        """Book what was used, once; None gives everything back, since the upstream did nothing. Never raises."""


class Ledger(Protocol):
    """Keeps the budgets of keys."""

    async def reserve(self, key: KeyRecord, candidate: Candidate, estimate: Estimate) -> Reservation:
        """Set the estimate aside. Raises `billing_error` where a budget does not hold it."""


class _Shortage(Exception):  # noqa: N818 no error: a shorter answer may fit
    """A budget does not hold the amount."""

    def __init__(self, budget: Budget, window: WindowName, left: int) -> None:
        super().__init__(budget.scope)
        self.budget = budget
        self.window = window
        self.left = left


class _NothingReserved:
    """Of a key without budgets, or a model that costs nothing."""

    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens

    def headers(self) -> Mapping[str, str]:
        """Nothing is limited."""
        return {}

    async def settle(self, usage: Usage | None, *, is_estimate: bool = False) -> None:
        """Nothing was set aside."""


@dataclass(slots=True)
class _Held:
    """What one budget has set aside, and its account as it was seen last."""

    budget: Budget
    account: Account | None
    """None: the store has not said whether it was written."""


@dataclass(slots=True)
class _Reserved:
    """One reservation, of the same name in every budget that applies."""

    ledger: "StoredLedger"
    name: str
    prices: Sequence[Prices]
    max_tokens: int
    held: list[_Held]

    def headers(self) -> Mapping[str, str]:
        """How near the key is to its limits, this answer at its dearest included."""
        return self.ledger.warnings((held.budget, held.account) for held in self.held if held.account is not None)

    async def settle(self, usage: Usage | None, *, is_estimate: bool = False) -> None:
        """Book what was used, once. Where the store fails to the end, the deadline books the estimate."""
        spent = 0 if usage is None else cost(usage, self.prices) or 0
        await uninterrupted(self.ledger.settle(self, spent, is_estimate=is_estimate and usage is not None))


class StoredLedger:
    """The ledger in the store. `clock` gives seconds since the epoch, `zone_seconds` how far east of it days begin."""

    def __init__(
        self,
        open_store: Callable[[], Awaitable[Store]],
        *,
        clock: Callable[[], float],
        log: Log,
        zone_seconds: int = 0,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._open_store = open_store
        self._clock = clock
        self._log = never_failing(log)
        self._zone_seconds = zone_seconds
        self._pause = pause

    async def reserve(self, key: KeyRecord, candidate: Candidate, estimate: Estimate) -> Reservation:
        """Set aside the most that the answer can cost, or less for a shorter answer where that is all there is."""
        budgets = key.budgets()
        if not budgets:
            return _NothingReserved(estimate.max_tokens)
        if not candidate.prices:
            raise unpriced(candidate.name)
        if not estimate.cost(candidate.prices):
            return _NothingReserved(estimate.max_tokens)
        while True:
            try:
                return await self._reserve(budgets, candidate, estimate)
            except _Shortage as shortage:
                shorter = estimate.shortened(candidate.prices, shortage.left)
                if shorter is None or shorter.max_tokens >= estimate.max_tokens:
                    raise self._refusal(shortage) from None
                estimate = shorter

    def warnings(self, accounts: Iterable[tuple[Budget, Account]]) -> Mapping[str, str]:
        """The headers for accounts as they stand."""
        return beside_the_answer(
            lambda: warning_headers(accounts, self._clock(), zone_seconds=self._zone_seconds), {}, self._log
        )

    async def settle(self, reserved: _Reserved, spent: int, *, is_estimate: bool) -> None:
        """Book it in every budget that holds it."""
        for held in reserved.held:
            try:
                await self._settle(held, reserved.name, spent, is_estimate=is_estimate)
            except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the deadline settles
                self._log("not settled", {"budget": held.budget.scope, "error": type(error).__name__})

    async def _reserve(self, budgets: Sequence[Budget], candidate: Candidate, estimate: Estimate) -> Reservation:
        reserved = _Reserved(self, token_hex(6), candidate.prices, estimate.max_tokens, [])
        deadline = int(self._clock() + estimate.seconds) + GRACE_SECONDS
        work = asyncio.create_task(self._hold_all(budgets, reserved, deadline, estimate.cost(candidate.prices)))
        try:
            await asyncio.shield(work)
        except BaseException:
            await uninterrupted(self._give_back(work, reserved))
            raise
        if estimate.max_tokens > MOST_OUTPUT_RESERVED:
            _shorten(reserved, estimate)
        return reserved

    async def _give_back(self, work: "asyncio.Task[None]", reserved: _Reserved) -> None:
        await asyncio.wait({work})  # also where the caller has gone: what is on its way to the store gets there
        await self.settle(reserved, 0, is_estimate=False)

    async def _hold_all(self, budgets: Sequence[Budget], reserved: _Reserved, deadline: int, amount: int) -> None:
        """Raises the first failure, once every budget has answered."""
        holding = (self._hold(budget, reserved, deadline, amount) for budget in budgets)
        for outcome in await asyncio.gather(*holding, return_exceptions=True):
            if isinstance(outcome, _Shortage):
                raise outcome
            if outcome is not None:
                self._log("budget not readable", {"error": type(outcome).__name__})
                raise UnreadableBudgetError from outcome

    async def _hold(self, budget: Budget, reserved: _Reserved, deadline: int, amount: int) -> None:
        period = period_at(self._clock(), zone_seconds=self._zone_seconds)
        wanted = Reserved(deadline, amount, period.day)
        account = Account(period)  # the guess: nobody else's day has begun
        for _ in range(TURNS):
            short = account.current(period).left(budget.limits)
            if short is not None and short[1] < amount:
                raise _Shortage(budget, *short)
            change = reserving(budget, account, period, reserved.name, wanted, self._clock())
            try:
                item = await self._written(change, reserved, budget)
            except UnmetError as unmet:
                account = _account_of(unmet.found)
                if reserved.name not in account.reservations:
                    continue
            else:
                account = _account_of(item)
            reserved.held.append(_Held(budget, account))
            return
        raise TimeoutError(budget.scope)

    async def _written(self, change: Change, reserved: _Reserved, budget: Budget) -> Item:
        try:
            return await self._tried(change)
        except UnmetError:
            raise
        except BaseException:
            reserved.held.append(_Held(budget, None))  # it may have been written although no answer came
            raise

    async def _settle(self, held: _Held, name: str, spent: int, *, is_estimate: bool) -> None:
        account = held.account or await self._stored(held.budget)
        for _ in range(TURNS):
            if name not in account.reservations:
                return  # settled already, or by its deadline
            change = settling(held.budget, account, name, spent, self._clock(), is_estimate=is_estimate)
            try:
                _ = await self._tried(change)
            except UnmetError as unmet:
                account = _account_of(unmet.found)
            else:
                return
        raise TimeoutError(held.budget.scope)

    async def _stored(self, budget: Budget) -> Account:
        return _account_of(await (await self._open_store()).get(partition_of(budget.scope), SORT_KEY))

    async def _tried(self, change: Change) -> Item:
        """The change, made again where the store fails: its conditions see to it that it counts once."""
        for attempt in range(1, TRIES):
            try:
                return await (await self._open_store()).change(change)
            except UnmetError:
                raise
            except Exception as error:  # noqa: BLE001 -- each store has errors of its own
                self._log("budget not written", {"error": type(error).__name__, "attempt": attempt})
            await self._pause(random.uniform(0, _PAUSE_SECONDS * 2**attempt))
        return await (await self._open_store()).change(change)

    def _refusal(self, shortage: _Shortage) -> ApiError:
        now, budget, window = self._clock(), shortage.budget, shortage.window
        limit = dict(budget.limits.named())[window]
        reset = reset_of(window, now, zone_seconds=self._zone_seconds)
        return over_budget(
            budget.scope, window, limit, left=shortage.left, reset=reset, now=now, zone_seconds=self._zone_seconds
        )


def _account_of(item: Item | None) -> Account:
    return read_account(item.attributes) if item else Account()


def _shorten(reserved: _Reserved, estimate: Estimate) -> None:
    """An answer of more than was set aside may be no longer than what is left pays for."""
    amount = estimate.cost(reserved.prices)
    for held in reserved.held:
        left = held.account.left(held.budget.limits) if held.account is not None else None
        if left is not None:
            longest = estimate.shortened(reserved.prices, left[1] + amount) or estimate
            reserved.max_tokens = min(reserved.max_tokens, longest.max_tokens)
