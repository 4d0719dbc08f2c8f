"""Limits of a key: requests and tokens a minute, answers at once, over each store."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.access.taking import TURNS
from gateway.money.rate_limits import STREAMS_RETRY_SECONDS, Pass, RateLimiter
from gateway.storage.open import open_store
from gateway.storage.protocol import Change, Item, Store, UnmetError
from streaming import StreamingResponse
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import Harness, fine, receive
from tests.unit.gateway.money.accounts import giving, limited
from tests.unit.gateway.money.test_ledger import NOON, THROTTLED


@dataclass(slots=True)
class Bench:
    store: Any
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    lines: list[str] = field(default_factory=list)
    limiter: RateLimiter = field(init=False)

    def __post_init__(self) -> None:
        self.limiter = self.another()

    def another(self) -> RateLimiter:
        return RateLimiter(giving(self.store), clock=self.clock, log=lambda message, _: self.lines.append(message))

    def admit(self, key: KeyRecord, tokens: int = 10, seconds: float = 60.0) -> Pass:
        taken = run(self.limiter.admit(key, tokens, seconds=seconds))
        assert taken is not None
        return taken

    def refusal(self, key: KeyRecord, tokens: int = 10) -> ApiError:
        with pytest.raises(ApiError) as refused:
            self.admit(key, tokens)
        return refused.value


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store)


@pytest.fixture
def quick(tmp_path: Path) -> Any:
    store = open_store(f"sqlite:{tmp_path}/edgeway.db")
    yield Bench(store)
    store.close()


def test_a_key_without_limits_touches_no_store() -> None:
    async def no_store() -> Store:
        raise AssertionError

    limiter = RateLimiter(no_store, clock=Clock(NOON), log=lambda *_: None)
    assert run(limiter.admit(limited(budget_day=5), 10, seconds=1)) is None


def test_requests_of_a_minute_may_come_at_once_and_then_one_by_one(bench: Bench) -> None:
    key = limited(requests_per_minute=3)
    for _ in range(3):
        bench.admit(key)
    refusal = bench.refusal(key)
    assert (refusal.error_type, refusal.status, refusal.retry_after) == ("rate_limit_error", 429, 20)
    assert refusal.message == "This key may ask for 3 requests a minute; try again in 20 s."
    bench.clock.now += 20
    bench.admit(key)
    assert bench.refusal(key).retry_after == 20


def test_another_process_counts_the_same(bench: Bench) -> None:
    key = limited(requests_per_minute=2)
    bench.admit(key)
    bench.limiter = bench.another()
    bench.admit(key)
    bench.limiter = bench.another()
    assert bench.refusal(key).error_type == "rate_limit_error"


def test_tokens_are_counted_before_and_corrected_after(bench: Bench) -> None:
    key = limited(tokens_per_minute=1_000)
    first = bench.admit(key, tokens=400)
    assert bench.refusal(key, tokens=700).retry_after == 6
    run(first.end(100))
    second = bench.admit(key, tokens=700)
    run(second.end(900))
    assert bench.refusal(key, tokens=100).retry_after == 6


def test_one_request_may_be_larger_than_a_minute(quick: Bench) -> None:
    key = limited(tokens_per_minute=1_000)
    quick.admit(key, tokens=50_000)
    assert quick.refusal(key).retry_after == 1


def test_answers_at_once_are_counted_until_they_end(bench: Bench) -> None:
    key = limited(streams=2)
    first = bench.admit(key)
    bench.admit(key)
    refusal = bench.refusal(key)
    assert (refusal.error_type, refusal.retry_after) == ("rate_limit_error", STREAMS_RETRY_SECONDS)
    run(first.end(0))
    run(first.end(0))  # twice gives back one place
    bench.admit(key)
    assert bench.refusal(key).message == "This key may ask for 2 answers at once; try again in 5 s."


def test_the_place_of_a_killed_process_is_free_again_in_the_end(bench: Bench) -> None:
    key = limited(streams=1)
    lost = bench.admit(key, seconds=60)
    bench.clock.now += 59
    bench.refusal(key)
    bench.clock.now += 1
    bench.admit(key)
    run(lost.end(0))
    bench.refusal(key)


def test_all_limits_hold_together_for_many_at_once(bench: Bench) -> None:
    key = limited(requests_per_minute=9, tokens_per_minute=1_000, streams=5)

    async def one(limiter: RateLimiter) -> bool:
        with suppress(ApiError):
            return await limiter.admit(key, 10, seconds=60) is not None
        return False

    async def together() -> list[bool]:
        return await asyncio.gather(*(one(bench.another()) for _ in range(12)))

    assert sum(run(together())) == 5


@dataclass(slots=True)
class Faulty:
    """A store whose changes fail, or come too late."""

    store: Store | None
    error: Any

    async def change(self, change: Change) -> Item:
        if self.store is not None:
            await self.store.change(change)
        raise self.error if isinstance(self.error, Exception) else self.error(change, None)

    async def get(self, pk: str, sk: str) -> None:
        return None


def test_a_store_that_does_not_answer_lets_nobody_pass(quick: Bench) -> None:
    key, store = limited(streams=1), quick.store
    taken = quick.admit(key)
    quick.store = Faulty(None, THROTTLED)
    quick.limiter = quick.another()
    refusal = quick.refusal(key)
    assert (refusal.error_type, refusal.status) == ("api_error", 500)
    quick.lines.clear()
    run(Pass(quick.limiter, key, taken.name, 10).end(0))
    assert quick.lines == ["rate not written"]
    quick.store = store


def test_whoever_never_gets_a_turn_is_told_to_come_again(quick: Bench) -> None:
    quick.store = Faulty(None, UnmetError)
    quick.limiter = quick.another()
    assert quick.refusal(limited(streams=1)).error_type == "overloaded_error"
    assert TURNS > 1


def test_what_was_written_although_the_answer_was_lost_is_taken(quick: Bench) -> None:
    store = quick.store

    class Lost:
        async def change(self, change: Change) -> Item:
            item = await store.change(change)
            raise UnmetError(change, item)

    quick.store = Lost()
    quick.limiter = quick.another()
    quick.admit(limited(streams=1))
    quick.store = store
    quick.limiter = quick.another()
    quick.refusal(limited(streams=1))


def test_a_caller_who_goes_meanwhile_takes_no_place(quick: Bench) -> None:
    store, going = quick.store, asyncio.Event()

    class Slow:
        async def change(self, change: Change) -> Item:
            await going.wait()
            changed: Item = await store.change(change)
            return changed

        async def get(self, pk: str, sk: str) -> Any:
            return await store.get(pk, sk)

    key = limited(streams=1, tokens_per_minute=100)
    slow = RateLimiter(giving(Slow()), clock=quick.clock, log=lambda *_: None)  # type: ignore[arg-type]

    async def hang_up() -> None:
        task = asyncio.create_task(slow.admit(key, 90, seconds=60))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        going.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(hang_up())
    quick.admit(key, tokens=90)
    with pytest.raises(ApiError):
        run(slow.admit(key, 90, seconds=60))

    async def hang_up_refused() -> None:
        going.clear()
        task = asyncio.create_task(slow.admit(key, 90, seconds=60))
        await asyncio.sleep(0.01)
        task.cancel()
        going.set()
        with pytest.raises((asyncio.CancelledError, ApiError)):
            await task

    run(hang_up_refused())


def test_few_keys_are_remembered(quick: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.access.taking._REMEMBERED", 1)
    for number in range(3):
        quick.admit(limited(id=f"key_{number}", requests_per_minute=5))
    assert len(quick.limiter._taker._seen) == 1


def test_a_request_takes_its_place_and_gives_it_back(quick: Bench) -> None:
    limits = {"streams": "1", "tokens_per_minute": "1000"}
    harness = Harness([fine(), fine(), fine()], limiter=quick.limiter, context=limits)
    assert harness.ask().status == 200
    assert harness.stream().status == 200
    open_answer = harness.handle(stream=True)
    refused = harness.ask()
    told = (refused.status, refused.json()["error"]["type"], refused.headers["retry-after"])
    assert told == (429, "rate_limit_error", "5")
    assert isinstance(open_answer, StreamingResponse)
    receive(open_answer, 1)
    assert run(quick.limiter.admit(limited(streams=1), 10, seconds=1)) is not None


def test_requests_alone_give_nothing_back(quick: Bench) -> None:
    taken = quick.admit(limited(requests_per_minute=5))
    quick.store = None
    run(taken.end(7))


def test_whoever_was_refused_meanwhile_gives_nothing_back(quick: Bench) -> None:
    async def refused() -> None:
        raise ApiError("rate_limit_error", "no")

    async def leave() -> None:
        work = asyncio.create_task(refused())
        await quick.limiter._leave(work, Pass(quick.limiter, limited(tokens_per_minute=5), "a", 10))

    quick.store = None
    run(leave())
    assert quick.lines == []
