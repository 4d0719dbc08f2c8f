"""How requests are ordered by health, and how environments tell each other, without any request waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from gateway.choice.circuit import Circuit
from gateway.choice.health import Pace
from gateway.choice.health_memory import MOST_ASKED, MOST_SHARED, READ_SECONDS, HealthMemory, open_health
from gateway.choice.health_table import HealthTable
from gateway.choice.places import Place, places
from gateway.choice.retry_budget import AT_FIRST, MOST, MOST_KEYS, RetryBudget, RetryBudgets
from gateway.routing.key_pool import Secret
from gateway.routing.resolve import Candidate
from gateway.settings import read_settings
from gateway.storage.protocol import StoreError
from gateway.web import uninterrupted
from gateway.web.outcomes import Outcome, Tried
from gateway.web.summary import Summary

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import candidate

T = TypeVar("T")
ONE, TWO, THREE = (candidate(name, "model") for name in ("one", "two", "three"))
ALL = [ONE, TWO, THREE]


@dataclass(slots=True)
class SharedTable(HealthTable):
    """One table for several environments; `before` runs within each read and write."""

    kept: dict[Place, Circuit] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    writes: list[Place] = field(default_factory=list)
    before: Callable[[str], Coroutine[Any, Any, None]] | None = None

    async def of(self, provider: str) -> Mapping[Place, Circuit]:
        self.reads.append(provider)
        told = {place: circuit for place, circuit in self.kept.items() if place.provider == provider}
        if self.before is not None:
            await self.before("read")
        return told

    async def write(self, place: Place, circuit: Circuit) -> None:
        self.writes.append(place)
        if self.before is not None:
            await self.before("write")
        self.kept[place] = circuit


@dataclass(slots=True)
class Environments:
    """They share a table and a clock."""

    clock: Clock = field(default_factory=Clock)
    table: SharedTable = field(default_factory=SharedTable)
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def start(self) -> HealthMemory:
        return HealthMemory(
            lambda: self.table, clock=self.clock, log=lambda message, fields: self.lines.append((message, fields))
        )


@pytest.fixture
def environments() -> Environments:
    return Environments()


def settled(memory: HealthMemory, work: Callable[[], T]) -> T:
    """What a call gives, and everything done that it has started."""

    async def done() -> T:
        result = work()
        await uninterrupted.settled()
        return result

    return run(done())


def ordered(memory: HealthMemory, candidates: list[Candidate] = ALL) -> list[str]:
    return [each.name for each in settled(memory, lambda: memory.order(candidates, None))]


def ended(memory: HealthMemory, who: Candidate, outcome: Outcome, **facts: Any) -> None:
    settled(memory, lambda: memory.ended(who, outcome, facts.pop("key_id", "key_1"), **facts))


def test_who_is_set_aside_is_not_asked_until_their_time(environments: Environments) -> None:
    memory = environments.start()
    ended(memory, ONE, "rate_limited", retry_after=30)
    assert ordered(memory) == ["two/model", "three/model"]
    environments.clock.now += 30
    assert ordered(memory) == ["one/model", "two/model", "three/model"]
    assert [memory.may_ask(ONE), memory.may_ask(ONE), memory.may_ask(TWO)] == [True, False, True]
    assert ordered(memory) == ["two/model", "three/model"]
    ended(memory, ONE, "answered")
    assert ordered(memory) == ["one/model", "two/model", "three/model"]


def test_where_all_are_set_aside_the_one_is_asked_whose_time_comes_first(environments: Environments) -> None:
    memory = environments.start()
    for who, seconds in ((ONE, 60), (TWO, 30), (THREE, 90)):
        ended(memory, who, "rate_limited", retry_after=seconds)
    assert ordered(memory) == ["two/model"]
    assert ordered(memory, [ONE]) == ["one/model"]


def test_one_request_asks_only_so_many(environments: Environments) -> None:
    memory = environments.start()
    many = [candidate(f"provider-{number}", "model") for number in range(9)]
    assert ordered(memory, many) == [each.name for each in many[:MOST_ASKED]]
    ended(memory, many[0], "rate_limited")
    assert ordered(memory, many) == [each.name for each in many[1 : MOST_ASKED + 1]]


def test_with_one_candidate_the_store_is_neither_opened_nor_read() -> None:
    def refuse() -> HealthTable:
        raise AssertionError("opened")

    memory = HealthMemory(refuse, clock=Clock(), log=lambda *_: None)
    only = [ONE]
    assert settled(memory, lambda: memory.order(only, "session")) is only
    ended(memory, ONE, "answered")


def test_no_request_waits_for_the_store(environments: Environments) -> None:
    memory = environments.start()
    environments.table.kept[Place("one", "model")] = Circuit(
        open_until=environments.clock.now + 60, pause=10, at=environments.clock.now
    )

    async def ask() -> list[str]:
        first = [each.name for each in memory.order(ALL, None)]
        assert environments.table.reads == []
        return first

    assert run(ask()) == ["one/model", "two/model", "three/model"]
    ordered(memory)
    assert ordered(memory) == ["two/model", "three/model"]


def test_what_one_environment_meets_the_others_know_within_ten_seconds(environments: Environments) -> None:
    here, there = environments.start(), environments.start()
    assert ordered(there) == ["one/model", "two/model", "three/model"]
    ended(here, ONE, "rate_limited", retry_after=25)
    environments.clock.now += READ_SECONDS - 0.1
    assert ordered(there) == ["one/model", "two/model", "three/model"]
    reads = len(environments.table.reads)
    environments.clock.now += 0.1
    ordered(there)
    assert len(environments.table.reads) == reads + 3
    assert ordered(there) == ["two/model", "three/model"]
    assert len(environments.table.reads) == reads + 3
    environments.clock.now += 20
    assert there.may_ask(ONE)
    ended(there, ONE, "answered")
    ordered(here)
    assert ordered(here) == ["one/model", "two/model", "three/model"]
    assert here.health.circuits[places(ONE)[2]].state(environments.clock.now) == "closed"


def test_the_store_is_written_when_something_changes_and_not_with_each_failure(environments: Environments) -> None:
    memory = environments.start()
    for _ in range(9):
        ended(memory, ONE, "overloaded")
        ended(memory, TWO, "answered")
    assert environments.table.writes == [Place("one", "model")]
    assert environments.lines == [
        ("set aside", {
            "provider": "one", "model": "model", "upstream_key": "", "outcome": "overloaded", "seconds": 10.0,
        })
    ]  # fmt: skip
    environments.clock.now += 11
    memory.may_ask(ONE)
    ended(memory, ONE, "answered")
    assert environments.table.writes == [Place("one", "model")] * 2
    assert environments.lines[1:] == [("asked again", {"provider": "one", "model": "model", "upstream_key": ""})]


def test_of_changes_that_come_while_one_is_written_the_last_is_written_too(environments: Environments) -> None:
    memory = environments.start()
    once = asyncio.Event()

    async def change_meanwhile(what: str) -> None:
        if what == "write" and not once.is_set():
            once.set()
            memory.ended(ONE, "answered", "key_1", None)

    environments.table.before = change_meanwhile
    for _ in range(3):
        ended(memory, ONE, "overloaded")
    assert environments.table.writes == [Place("one", "model")] * 2
    assert environments.table.kept[Place("one", "model")].state(environments.clock.now) == "closed"


def test_a_read_that_began_before_a_change_does_not_undo_it(environments: Environments) -> None:
    memory = environments.start()

    written = asyncio.Event()

    async def set_aside_meanwhile(what: str) -> None:
        if what == "read" and not environments.table.writes:
            memory.ended(ONE, "rate_limited", "key_1", 60)
            await written.wait()
        else:
            written.set()

    environments.table.before = set_aside_meanwhile
    ordered(memory)
    assert ordered(memory) == ["two/model", "three/model"]


def test_a_caller_who_names_many_models_does_not_fill_the_store(environments: Environments) -> None:
    memory = environments.start()
    for number in range(MOST_SHARED + 20):
        ended(memory, candidate("one", f"model-{number}"), "account_refused")
    assert len(environments.table.kept) == MOST_SHARED


@pytest.mark.parametrize("what", ["read", "write"])
def test_a_store_that_fails_takes_no_request_along(environments: Environments, what: str) -> None:
    memory = environments.start()

    async def fail(now: str) -> None:
        if now == what:
            raise StoreError("planted secret")

    environments.table.before = fail
    for _ in range(2):
        ended(memory, ONE, "rate_limited", retry_after=60)
        assert ordered(memory) == ["two/model", "three/model"]
    assert ("health not shared", {"error": "StoreError"}) in environments.lines
    assert "planted" not in str(environments.lines)


def test_retries_are_a_share_of_the_requests() -> None:
    budget = RetryBudget()
    taken = 0
    for second in range(1000):
        budget.request(1000.0 + second / 100)
        taken += budget.take()
    assert AT_FIRST <= taken <= AT_FIRST + 100 + 2


def test_where_much_is_asked_the_share_of_a_minute_is_saved_up() -> None:
    """An outage that takes a second to show would else fail a second's callers."""
    budget = RetryBudget()
    for number in range(10_000):
        budget.request(1000.0 + number / 100)
    taken = sum(budget.take() for _ in range(2_000))
    assert 450 < taken < 650
    budget.request(1000.0 + 400)
    assert budget.left <= MOST


def test_who_asks_seldom_can_retry_too_and_nobody_saves_up() -> None:
    budget = RetryBudget()
    budget.request(1000.0)
    while budget.take():
        pass
    budget.request(1010.0)
    assert [budget.take(), budget.take()] == [True, False]
    budget.request(100_000.0)
    assert sum(budget.take() for _ in range(100)) == MOST
    budget.request(99_000.0)  # a clock that was set back
    assert budget.left < 1


def test_each_key_has_retries_of_its_own_and_few_are_remembered() -> None:
    budgets = RetryBudgets()
    assert sum(budgets.take("key_1") for _ in range(100)) == AT_FIRST
    assert sum(budgets.take("key_2") for _ in range(100)) == AT_FIRST
    for number in range(3, MOST_KEYS + 3):
        budgets.request(f"key_{number}", 1000.0)
    assert len(budgets.by_key) == MOST_KEYS
    assert not {"key_1", "key_2"} & set(budgets.by_key)


def test_a_storm_of_many_keys_does_not_multiply() -> None:
    budgets, taken = RetryBudgets(), 0
    for number in range(1_000):
        budgets.request(f"key_{number}", 1000.0 + number / 1000)
        taken += sum(budgets.take(f"key_{number}") for _ in range(3))
    assert taken < 0.2 * 1_000


def test_a_failure_that_others_share_is_no_reason_to_ask_them_nor_to_spend(environments: Environments) -> None:
    memory = environments.start()
    other_key = replace(ONE, provider=replace(ONE.provider, key=Secret("another"), key_number=2))
    for _ in range(100):
        assert memory.after(ONE, "account_refused", [other_key, TWO]) == [other_key, TWO]
        assert memory.after(ONE, "not_found", [TWO]) == [TWO]
        assert memory.after(ONE, "unreachable", [other_key, TWO]) == [TWO]
        assert memory.after(ONE, "overloaded", [other_key]) == []
    answers = [memory.after(ONE, "overloaded", [TWO]) for _ in range(int(AT_FIRST) + 1)]
    assert answers == [[TWO]] * int(AT_FIRST) + [[]]
    assert environments.lines == [("no retry", {"model": "one/model", "outcome": "overloaded"})]


def summary(outcome: Outcome, **facts: Any) -> Summary:
    tried = [Tried(model="one/model", outcome=outcome, took_ms=500)]
    return Summary(request_id="req", key_id="key_1", tried=tried, total_ms=2500.0, first_event_ms=500.0, **facts)


def test_answers_that_break_off_speak_against_who_gave_them(environments: Environments) -> None:
    memory = environments.start()
    for _ in range(3):
        settled(memory, lambda: memory.watch(ONE, summary("broke_off")))
    assert ordered(memory) == ["two/model", "three/model"]


def test_the_pace_of_answers_is_noted(environments: Environments) -> None:
    memory = environments.start()
    memory.watch(ONE, summary("answered", stream=True, output_tokens=100))
    memory.watch(TWO, summary("answered", stream=False, output_tokens=100))
    memory.watch(THREE, summary("cancelled", stream=True, output_tokens=100))
    assert [memory.health.pace(who) for who in ALL] == [Pace(0.5, 50.0), Pace(0.5, 0.0), None]


def test_the_memory_of_a_function_keeps_its_health_in_its_store(tmp_path: Path) -> None:
    settings = read_settings({"EDGEWAY_STORE": f"sqlite:{tmp_path}/store.sqlite3"})
    clock = Clock()
    here, there = (open_health(settings, {}, clock=clock, log=lambda *_: None) for _ in range(2))
    ended(here, ONE, "rate_limited", retry_after=60)
    ordered(there)
    assert ordered(there) == ["two/model", "three/model"]
