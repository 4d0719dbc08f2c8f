"""Budgets as pure values: for any interleaving of reserving, settling, crashes and clocks, limits hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from gateway.access.limits import Budget, Limits
from gateway.money.budgets import Account, Period, Reserved, period_at, read_account, reserving, reset_of, settling
from hypothesis import given
from hypothesis import strategies as st

DAY = 86_400
NOON = 1_796_040_000
LIMITS = Limits(day=1_000, month=1_500, total=1_800)
BUDGET = Budget("key/key_1", LIMITS)


@dataclass(slots=True)
class World:
    """One stored item, and workers whose view of it may be old."""

    now: float = NOON
    attributes: dict[str, Any] = field(default_factory=dict)
    open: dict[str, tuple[Reserved, Account]] = field(default_factory=dict)
    overruns: int = 0
    """By how much answers have cost more than was set aside for them."""

    def account(self) -> Account:
        return read_account(self.attributes).current(period_at(self.now))

    def reserve(self, name: str, amount: int, seconds: int, skew: int) -> None:
        now = self.now + skew
        period = period_at(now)
        account = Account(period)
        for _ in range(3):
            left = account.current(period).left(LIMITS)
            if left is None or left[1] < amount:
                return
            change = reserving(BUDGET, account, period, name, Reserved(int(now) + seconds, amount, period.day), now)
            if change.holds(self.attributes):
                self.attributes = change.applied(self.attributes)
                after = read_account(self.attributes)
                self.open[name] = (after.reservations[name], after)
                return
            account = read_account(self.attributes)
        raise AssertionError("nobody else writes, and it is not written")

    def settle(self, name: str, cost: int, skew: int) -> None:
        reserved, account = self.open[name]
        for _ in range(2):
            if name not in account.reservations:
                return
            change = settling(BUDGET, account, name, cost, self.now + skew, is_estimate=False)
            if change.holds(self.attributes):
                self.attributes = change.applied(self.attributes)
                self.overruns += max(0, cost - reserved.micro_dollars)
                return
            account = read_account(self.attributes)
        raise AssertionError("nobody else writes, and it is not written")


STEPS = st.one_of(
    st.tuples(st.just("reserve"), st.integers(1, 600), st.integers(1, 900), st.integers(-2, 2)),
    st.tuples(st.just("settle"), st.integers(0, 30), st.integers(0, 700), st.integers(-2, 2)),
    st.tuples(st.just("settle again"), st.integers(0, 30), st.integers(0, 700), st.just(0)),
    st.tuples(st.just("crash"), st.integers(0, 30), st.just(0), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1, 100, 1_000, DAY // 2, DAY, 31 * DAY]), st.just(0), st.just(0)),
)


@given(st.lists(STEPS, max_size=40))
def test_limits_hold_whatever_happens(steps: list[tuple[str, int, int, int]]) -> None:
    world = World()
    for number, (act, first, second, skew) in enumerate(steps):
        name = list(world.open)[first % len(world.open)] if world.open else ""
        match act:
            case "reserve":
                world.reserve(f"r{number}", first, second, skew)
            case "settle" if name:
                world.settle(name, second, skew)
                del world.open[name]
            case "settle again" if name:
                world.settle(name, second, 0)
            case "crash" if name:
                del world.open[name]
            case "wait":
                world.now += first
            case _:
                pass
        account = world.account()
        for window, limit in LIMITS.named():
            assert account.held[window] == account.spent(world.now, window) + account.reserved(world.now, window)
            assert 0 <= account.held[window] <= limit + world.overruns
    world.now += 1_000
    assert world.account().reserved(world.now) == 0


@pytest.mark.parametrize(
    ("window", "now", "zone", "reset"),
    [
        ("day", NOON, 0, NOON + DAY // 2),
        ("month", NOON, 0, NOON + DAY // 2),
        ("month", NOON + DAY, 0, NOON + DAY // 2 + 31 * DAY),
        ("day", NOON, 7_200, NOON + DAY // 2 - 7_200),
        ("day", NOON, -18_000, NOON + DAY // 2 + 18_000),
        ("total", NOON, 0, None),
    ],
)
def test_when_a_window_begins_anew(window: Any, now: float, zone: int, reset: int | None) -> None:
    assert reset_of(window, now, zone_seconds=zone) == reset


def test_what_is_stored_wrongly_counts_as_nothing() -> None:
    reservations = {"r:a": "1:2", "r:b": "1:2:2026-11-30", "r:c": 5, "r:d": "x:1:"}
    account = read_account({"day": 7, "day_held": "x", "total_held": 5, **reservations})
    read = {"a": Reserved(1, 2, ""), "b": Reserved(1, 2, "2026-11-30")}
    assert account == Account(Period("7", ""), {"day": 0, "month": 0, "total": 5}, read)


def test_no_limit_leaves_no_least() -> None:
    assert Account().left(Limits()) is None
    assert Account(held={"day": 4}).left(Limits(day=5, month=2)) == ("day", 1)
