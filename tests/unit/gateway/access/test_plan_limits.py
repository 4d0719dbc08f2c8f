"""The requests that a plan lets a key make, where no API Gateway counts them, over each store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from gateway.access.admission import Admission
from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRecord, KeyRegistry
from gateway.access.plan_limits import PlanLimiter
from gateway.settings import PlanLimits, read_settings
from gateway.storage.protocol import Store
from gateway.web.proxy_event import read_event
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.money.accounts import KEY, giving
from tests.unit.gateway.money.test_ledger import NOON

FREE = PlanLimits(rate=2, burst=3, day=5)
OTHER_KEY = replace(KEY, id="key_2", plan="free")


@dataclass(slots=True)
class Bench:
    store: Store
    clock: Clock
    limits: PlanLimits = FREE

    def admit(self, key: KeyRecord = replace(KEY, plan="free")) -> None:  # noqa: B008 a frozen record
        """One request of a process that has seen nothing yet."""
        run(self.limiter().admit(key))

    def limiter(self) -> PlanLimiter:
        return PlanLimiter({"free": self.limits}, giving(self.store), clock=self.clock, log=lambda *_: None)

    def refusal(self) -> ApiError:
        with pytest.raises(ApiError) as refused:
            self.admit()
        return refused.value


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store, Clock(NOON))


def test_a_burst_comes_at_once_and_the_rest_at_the_rate(bench: Bench) -> None:
    for _ in range(3):
        bench.admit()
    refusal = bench.refusal()
    assert (refusal.error_type, refusal.message) == ("rate_limit_error", "too many requests per second")
    assert refusal.headers() == {"retry-after": "1"}
    bench.admit(OTHER_KEY)
    bench.clock.now += 0.5
    bench.admit()
    assert bench.refusal().retry_after == 1


def test_a_day_holds_so_many_and_the_next_begins_anew(bench: Bench) -> None:
    for _ in range(5):
        bench.clock.now += 10
        bench.admit()
    refusal = bench.refusal()
    assert refusal.message == "this key has used up its requests of the day"
    assert refusal.headers() == {"x-should-retry": "false"}
    bench.clock.now += 86_400
    bench.admit()


def test_a_clock_that_is_behind_does_not_bring_yesterday_back(bench: Bench) -> None:
    for _ in range(5):
        bench.clock.now += 10
        bench.admit()
    bench.clock.now -= 86_400
    with pytest.raises(ApiError, match="used up its requests of the day"):
        bench.admit()


def test_many_at_once_get_no_more_than_the_burst(bench: Bench) -> None:
    async def all_at_once() -> list[Any]:
        limiters = [bench.limiter() for _ in range(2)]
        asked = (limiters[number % 2].admit(replace(KEY, plan="free")) for number in range(8))
        return await asyncio.gather(*asked, return_exceptions=True)

    assert sum(outcome is None for outcome in run(all_at_once())) == 3


def test_another_plan_touches_no_store() -> None:
    async def no_store() -> Store:
        raise AssertionError

    limiter = PlanLimiter({"free": FREE}, no_store, clock=Clock(NOON), log=lambda *_: None)
    run(limiter.admit(KEY))
    run(limiter.admit(replace(KEY, plan="of a later release")))


def test_admission_counts_whoever_has_a_key(bench: Bench) -> None:
    key, record = run(KeyRegistry(bench.store, clock=bench.clock).create("alice", plan="free"))
    authenticator = Authenticator(KeyRegistry(bench.store, clock=bench.clock), clock=bench.clock)
    admission = Admission(authenticator, bench.limiter())

    def asked(credentials: Mapping[str, str]) -> KeyRecord:
        return run(admission.admit(read_event({"headers": credentials, "requestContext": {"requestId": "1"}})))

    for _ in range(4):
        with pytest.raises(ApiError, match="not a key"):
            asked({"x-api-key": "wrong"})
    assert [asked({"x-api-key": key}) for _ in range(3)] == [record] * 3
    with pytest.raises(ApiError, match="too many requests per second"):
        asked({"x-api-key": key})


def test_plans_are_read_from_the_environment() -> None:
    written = "free=0.5/10/1000 standard=10/40/20000"
    assert read_settings({"EDGEWAY_PLANS": written}).plans == {
        "free": PlanLimits(0.5, 10, 1_000),
        "standard": PlanLimits(10, 40, 20_000),
    }
    assert read_settings({}).plans == {}


@pytest.mark.parametrize(
    "written",
    ["free", "free=2", "free=2/10", "free=2/10/x", "free=0/1/1", "free=1/0/1", "free=1/1/0", "free=inf/1/1", "=1/1/1"],
)
def test_a_mistake_in_them_says_what_is_allowed(written: str) -> None:
    with pytest.raises(ValueError, match=r"EDGEWAY_PLANS holds .*; it must name each plan with its requests a second"):
        read_settings({"EDGEWAY_PLANS": written})
