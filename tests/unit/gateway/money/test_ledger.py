"""The ledger over each store: what fits is set aside, and whatever happens is booked once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.aws.types import AwsError
from gateway.money.ledger import GRACE_SECONDS, TRIES, Reservation, StoredLedger
from gateway.money.refusals import OverBudgetError, UnreadableBudgetError
from gateway.routing.model_facts import Prices
from gateway.storage.open import open_store
from gateway.storage.protocol import Change, Item, Store, UnmetError
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Usage

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.money.accounts import (
    COST,
    ESTIMATE,
    PRICED,
    SPENT,
    USED,
    giving,
    limited,
    priced,
    stored,
)

NOON = 1_796_040_000.0
"""2026-11-30T12:00:00Z, the last day of a month."""
DAY = 86_400


async def no_pause(_seconds: float) -> None:
    """The store fails in no time."""


@dataclass(slots=True)
class Bench:
    """A ledger over a store, its clock and its log."""

    store: Store
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    open_store: Callable[[], Awaitable[Store]] | None = None

    def ledger(self, **options: Any) -> StoredLedger:
        return StoredLedger(
            self.open_store or giving(self.store),
            clock=self.clock,
            log=lambda message, fields: self.lines.append((message, fields)),
            pause=no_pause,
            **options,
        )

    def reserve(self, key: KeyRecord, **changes: Any) -> Reservation:
        return run(self.ledger().reserve(key, PRICED, replace(ESTIMATE, **changes)))

    def refusal(self, key: KeyRecord, **changes: Any) -> ApiError:
        with pytest.raises(ApiError) as refused:
            self.reserve(key, **changes)
        return refused.value

    def held(self, scope: str = "key/key_1") -> tuple[int, int]:
        """What is spent and what is reserved, in all."""
        account = stored(self.store, scope)
        return account.spent(self.clock.now), account.reserved(self.clock.now)


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store)


@pytest.fixture
def quick(tmp_path: Any) -> Any:
    """A bench over the embedded store alone, where the store makes no difference."""
    store = open_store(f"sqlite:{tmp_path}/edgeway.db")
    yield Bench(store)
    store.close()


def test_what_is_reserved_is_settled_with_what_was_used(bench: Bench) -> None:
    reservation = bench.reserve(limited(budget_day=5_000, budget_month=5_000, budget_total=5_000))
    assert bench.held() == (0, COST)
    assert reservation.max_tokens == ESTIMATE.max_tokens
    run(reservation.settle(USED))
    assert bench.held() == (SPENT, 0)
    account = stored(bench.store)
    assert (account.period, account.held) == (("2026-11-30", "2026-11"), {"day": 500, "month": 500, "total": 500})
    assert account.estimated == 0


def test_the_same_settled_twice_is_booked_once(bench: Bench) -> None:
    reservation = bench.reserve(limited(budget_day=5_000))
    for _ in range(3):
        run(reservation.settle(USED))
    assert bench.held() == (SPENT, 0)


def test_nothing_used_gives_everything_back(bench: Bench) -> None:
    run(bench.reserve(limited(budget_day=5_000)).settle(None, is_estimate=True))
    account = stored(bench.store)
    assert (account.held["total"], account.estimated, account.reservations) == (0, 0, {})


def test_an_estimate_is_marked_as_one(bench: Bench) -> None:
    run(bench.reserve(limited(budget_day=5_000)).settle(USED, is_estimate=True))
    assert (bench.held(), stored(bench.store).estimated) == ((SPENT, 0), SPENT)


@pytest.mark.parametrize("window", ["day", "month", "total"])
def test_exactly_as_many_are_let_in_as_fit(bench: Bench, window: str) -> None:
    key = limited(**{f"budget_{window}": 3 * COST})
    for _ in range(3):
        bench.reserve(key)
    refusal = bench.refusal(key)
    assert isinstance(refusal, OverBudgetError)
    assert (refusal.error_type, refusal.status) == ("billing_error", 429)
    assert bench.held() == (0, 3 * COST)


def test_every_budget_that_applies_must_hold_it(bench: Bench) -> None:
    key = limited(budget_total=9_000, owner="ada", owner_budget_month=9_000, pool="team", pool_budget_day=COST)
    reservation = bench.reserve(key)
    assert [bench.held(scope) for scope in ("key/key_1", "owner/ada", "pool/team")] == [(0, COST)] * 3
    assert "a budget that this key shares" not in (message := bench.refusal(key).message)
    assert message.startswith(
        "The budget of the day that this key shares is used up. It resets at 2026-12-01 00:00 UTC."
    )
    run(reservation.settle(USED))
    assert [bench.held(scope) for scope in ("key/key_1", "owner/ada", "pool/team")] == [(SPENT, 0)] * 3


def test_a_new_day_empties_its_window_and_leaves_the_total(bench: Bench) -> None:
    key = limited(budget_day=COST, budget_total=3 * COST)
    run(bench.reserve(key).settle(USED))
    bench.refusal(key)
    bench.clock.now += DAY
    bench.reserve(key)
    account = stored(bench.store)
    assert account.period == ("2026-12-01", "2026-12")
    assert account.held == {"day": COST, "month": COST, "total": SPENT + COST}


def test_what_was_reserved_yesterday_is_booked_yesterday(bench: Bench) -> None:
    key = limited(budget_day=5_000, budget_total=9_000)
    late = bench.reserve(key, seconds=DAY)
    bench.clock.now += DAY / 2
    bench.reserve(key)
    run(late.settle(USED))
    account = stored(bench.store)
    assert account.held == {"day": COST, "month": COST, "total": SPENT + COST}


def test_a_clock_that_is_behind_does_not_bring_yesterday_back(bench: Bench) -> None:
    key = limited(budget_day=2 * COST)
    bench.clock.now += DAY
    bench.reserve(key)
    bench.clock.now -= DAY
    run(bench.reserve(key).settle(USED))
    bench.refusal(key)
    account = stored(bench.store)
    assert (account.period.day, account.held["day"]) == ("2026-12-01", COST + SPENT)


def test_what_nobody_settles_is_spent_at_its_deadline(bench: Bench) -> None:
    key = limited(budget_day=3 * COST)
    lost = bench.reserve(key)
    bench.clock.now += ESTIMATE.seconds + GRACE_SECONDS - 1
    assert bench.held() == (0, COST)
    bench.clock.now += 1
    assert bench.held() == (COST, 0)
    run(bench.reserve(key).settle(USED))
    account = stored(bench.store)
    assert (account.held["total"], account.estimated, account.reservations) == (COST + SPENT, COST, {})
    run(lost.settle(USED))
    assert bench.held() == (COST + SPENT, 0)


def test_a_new_period_removes_what_nobody_has_settled(bench: Bench) -> None:
    key = limited(budget_day=3 * COST)
    bench.reserve(key)
    bench.clock.now += DAY
    bench.reserve(key)
    account = stored(bench.store)
    assert (account.held["day"], account.held["total"], account.estimated) == (COST, 2 * COST, COST)
    assert len(account.reservations) == 1


def test_reservations_and_settlements_at_once_add_up(bench: Bench) -> None:
    key = limited(budget_day=20 * COST, owner="ada", owner_budget_total=12 * COST)
    ledger = bench.ledger()

    async def one() -> bool:
        try:
            reservation = await ledger.reserve(key, PRICED, ESTIMATE)
        except OverBudgetError:
            return False
        await asyncio.gather(reservation.settle(USED), reservation.settle(USED))
        return True

    async def together() -> list[bool]:
        return await asyncio.gather(*(one() for _ in range(16)))

    admitted = sum(run(together()))
    assert admitted >= 12
    assert bench.held("owner/ada") == bench.held() == (admitted * SPENT, 0)


def test_a_key_without_budgets_touches_no_store(quick: Bench) -> None:
    async def no_store() -> Store:
        raise AssertionError

    quick.open_store = no_store
    reservation = quick.reserve(limited(owner="ada", pool="team"))
    run(reservation.settle(USED))
    assert reservation.max_tokens == ESTIMATE.max_tokens


def test_a_model_that_costs_nothing_is_let_in_with_nothing_left(quick: Bench) -> None:
    key = limited(budget_day=0)
    quick.refusal(key)
    reservation = run(quick.ledger().reserve(key, priced(Prices(0, 0)), ESTIMATE))
    run(reservation.settle(USED))
    assert (quick.held(), reservation.max_tokens) == ((0, 0), ESTIMATE.max_tokens)


def test_a_model_without_a_price_is_refused_and_says_how_to_price_it(quick: Bench) -> None:
    with pytest.raises(ApiError) as refused:
        run(quick.ledger().reserve(limited(budget_day=5_000), priced(), ESTIMATE))
    assert refused.value.error_type == "permission_error"
    assert '[providers.one.models."model"] prices = { input = 1.0, output = 2.0 }' in refused.value.message


def test_an_answer_is_shortened_to_what_is_left(quick: Bench) -> None:
    key = limited(budget_day=20_000)
    long = quick.reserve(key, max_tokens=8_000)
    assert long.max_tokens == 1_990  # of 20,000 micro-dollars, 100 are for the prompt
    assert quick.held() == (0, 20_000)
    run(long.settle(Usage(input_tokens=100, output_tokens=1_990)))
    assert quick.held() == (20_000, 0)


def test_what_is_left_of_two_budgets_decides(quick: Bench) -> None:
    key = limited(budget_day=90_000, owner="ada", owner_budget_day=20_000)
    assert quick.reserve(key, max_tokens=32_000).max_tokens == 1_990
    assert (quick.held(), quick.held("owner/ada")) == ((0, 20_000), (0, 20_000))


def test_an_answer_that_would_be_too_short_is_refused(quick: Bench) -> None:
    key = limited(budget_day=10_000)
    refusal = quick.refusal(key, max_tokens=8_000)
    assert refusal.message == (
        "The budget of the day of $0.01 of this key has $0.01 left, which does not hold this request. "
        "It resets at 2026-12-01 00:00 UTC. Ask the operator of this gateway for more."
    )
    assert quick.held() == (0, 0)


def test_no_more_than_a_usual_answer_is_set_aside(quick: Bench) -> None:
    assert quick.reserve(limited(budget_day=10**9), max_tokens=128_000).max_tokens == 128_000
    assert quick.held() == (0, 100 + 32_000 * 10)


@pytest.mark.failure_mode(37)
def test_a_longer_answer_than_was_set_aside_is_no_longer_than_what_is_left(quick: Bench) -> None:
    key = limited(budget_day=420_100, owner="ada", owner_budget_day=10**9)
    assert quick.reserve(key, max_tokens=128_000).max_tokens == 42_000
    assert quick.held() == (0, 100 + 32_000 * 10)


def test_the_pages_of_a_document_are_set_aside(quick: Bench) -> None:
    quick.reserve(limited(budget_day=10**9), unseen_tokens=7_000)
    assert quick.held() == (0, COST + 7_000)


def test_a_model_that_costs_by_the_search_is_not_free(quick: Bench) -> None:
    searching, key = priced(Prices(0, 0, web_search=10_000)), limited(budget_day=1)
    reservation = run(quick.ledger().reserve(key, searching, ESTIMATE))
    run(reservation.settle(replace(USED, web_search_requests=2)))
    assert quick.held() == (20_000, 0)
    with pytest.raises(OverBudgetError):
        run(quick.ledger().reserve(key, searching, ESTIMATE))


def test_the_refusal_tells_clients_what_they_need(quick: Bench) -> None:
    headers = quick.refusal(limited(budget_month=0)).headers()
    reset = str(int(NOON) + DAY // 2)
    assert headers == {
        "x-should-retry": "false",
        "retry-after": str(DAY // 2),
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-overage-utilization": "1",
        "anthropic-ratelimit-unified-overage-surpassed-threshold": "1",
        "anthropic-ratelimit-unified-overage-disabled-reason": "org_spend_cap_reached",
        "anthropic-ratelimit-unified-reset": reset,
        "anthropic-ratelimit-unified-overage-reset": reset,
        "anthropic-ratelimit-unified-overage-period": "monthly",
    }
    total = quick.refusal(limited(budget_total=0))
    assert total.message == "The budget of $0.00 of this key is used up. Ask the operator of this gateway for more."
    assert "retry-after" not in total.headers()


def test_a_pool_that_has_too_little_does_not_say_how_much(quick: Bench) -> None:
    message = quick.refusal(limited(pool="team", pool_budget_total=COST - 1)).message
    assert message.startswith("The budget that this key shares does not hold this request any more. Ask")


def test_the_days_of_a_zone_begin_with_it(quick: Bench) -> None:
    quick.clock.now += DAY / 2 - 3_600  # 23:00 UTC
    run(quick.ledger(zone_seconds=7_200).reserve(limited(budget_day=5_000), PRICED, ESTIMATE))
    assert stored(quick.store).period == ("2026-12-01", "2026-12")
    with pytest.raises(OverBudgetError, match=r"resets at 2026-12-02 00:00 UTC\+02:00\."):
        run(quick.ledger(zone_seconds=7_200).reserve(limited(budget_day=COST), PRICED, ESTIMATE))


THROTTLED = AwsError("UpdateItem", "ProvisionedThroughputExceededException", "slow down", status=400)


@dataclass(slots=True)
class Faulty:
    """A store whose changes fail so many times, before they are made or after."""

    store: Store
    failures: int
    is_made: bool = False
    error: Exception = THROTTLED

    async def change(self, change: Change) -> Item:
        if self.failures:
            self.failures -= 1
            if self.is_made:
                with suppress(Exception):
                    await self.store.change(change)
            raise self.error
        return await self.store.change(change)

    async def get(self, pk: str, sk: str) -> Item | None:
        return await self.store.get(pk, sk)


@pytest.mark.parametrize("is_made", [False, True])
@pytest.mark.parametrize("failures", [1, TRIES - 1])
def test_a_store_that_fails_for_a_moment_changes_nothing(quick: Bench, failures: int, is_made: bool) -> None:
    key = limited(budget_day=5_000)
    faulty = Faulty(quick.store, failures, is_made)
    quick.open_store = giving(faulty)  # type: ignore[arg-type]
    reservation = quick.reserve(key)
    assert quick.held() == (0, COST)
    faulty.failures = failures
    run(reservation.settle(USED))
    assert quick.held() == (SPENT, 0)


@pytest.mark.parametrize("is_made", [False, True])
def test_a_store_that_does_not_answer_lets_nobody_in(quick: Bench, is_made: bool) -> None:
    faulty = Faulty(quick.store, TRIES, is_made)
    quick.open_store = giving(faulty)  # type: ignore[arg-type]
    refusal = quick.refusal(limited(budget_day=5_000))
    assert isinstance(refusal, UnreadableBudgetError)
    assert refusal.headers() == {
        "x-should-retry": "true", "anthropic-ratelimit-unified-overage-disabled-reason": "fetch_error",
    }  # fmt: skip
    assert quick.held() == (0, 0)


def test_what_the_store_does_not_take_is_booked_by_the_deadline(quick: Bench) -> None:
    reservation = quick.reserve(limited(budget_day=5_000))
    faulty = Faulty(quick.store, 99)
    reservation.ledger = replace_store(quick, faulty)  # type: ignore[attr-defined]
    run(reservation.settle(USED))
    assert quick.lines[-1] == ("not settled", {"budget": "key/key_1", "error": "AwsError"})
    assert quick.held() == (0, COST)
    quick.clock.now += 100
    assert quick.held() == (COST, 0)


def replace_store(bench: Bench, store: Any) -> StoredLedger:
    bench.open_store = giving(store)
    return bench.ledger()


@dataclass(slots=True)
class Foreign:
    """A store in which an item of a later release's lies, which can be neither read nor written."""

    store: Store

    async def change(self, change: Change) -> Item:
        raise UnmetError(change, None)

    async def get(self, pk: str, sk: str) -> Item | None:
        return None


def test_an_item_that_cannot_be_read_is_no_endless_loop(quick: Bench) -> None:
    reservation = quick.reserve(limited(budget_day=5_000))
    quick.open_store = giving(Foreign(quick.store))  # type: ignore[arg-type]
    assert isinstance(quick.refusal(limited(budget_day=5_000)), UnreadableBudgetError)
    reservation.ledger = quick.ledger()  # type: ignore[attr-defined]
    run(reservation.settle(USED))


@dataclass(slots=True)
class Others:
    """A store in which others always write before."""

    store: Store
    account: Item | None = None

    async def change(self, change: Change) -> Item:
        raise UnmetError(change, self.account)


def test_a_settlement_that_never_gets_its_turn_is_left_to_the_deadline(quick: Bench) -> None:
    reservation = quick.reserve(limited(budget_day=5_000))
    item = run(quick.store.get("BUDGET#key/key_1", "WINDOWS"))
    quick.open_store = giving(Others(quick.store, item))  # type: ignore[arg-type]
    reservation.ledger = quick.ledger()  # type: ignore[attr-defined]
    run(reservation.settle(USED))
    assert quick.lines[-1] == ("not settled", {"budget": "key/key_1", "error": "TimeoutError"})


def test_a_caller_who_goes_meanwhile_leaves_nothing_reserved(quick: Bench) -> None:
    going = asyncio.Event()

    @dataclass(slots=True)
    class Slow:
        store: Store

        async def change(self, change: Change) -> Item:
            await going.wait()
            return await self.store.change(change)

        async def get(self, pk: str, sk: str) -> Item | None:
            return await self.store.get(pk, sk)

    quick.open_store = giving(Slow(quick.store))  # type: ignore[arg-type]

    async def hang_up() -> None:
        task = asyncio.create_task(quick.ledger().reserve(limited(budget_day=5_000), PRICED, ESTIMATE))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        going.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(hang_up())
    assert quick.held() == (0, 0)
    assert stored(quick.store).held["total"] == 0


def test_the_dearest_price_counts(quick: Bench) -> None:
    usual = Prices(1_000_000, 2_000_000, cache_write=1_250_000)
    dear = Prices(2_000_000, 4_000_000, reasoning=5_000_000, above=200_000)
    reservation = run(quick.ledger().reserve(limited(budget_day=10**6), priced(usual, dear), ESTIMATE))
    assert quick.held() == (0, 100 * 2 + 90 * 5)
    run(reservation.settle(USED))
    assert quick.held() == (100 + 80, 0)


def test_a_reservation_whose_answer_was_lost_is_held_once(quick: Bench) -> None:
    key = limited(budget_day=5_000)
    run(quick.reserve(key).settle(None))
    quick.open_store = giving(Faulty(quick.store, 1, is_made=True))  # type: ignore[arg-type]
    run(quick.reserve(key).settle(USED))
    assert quick.held() == (SPENT, 0)
