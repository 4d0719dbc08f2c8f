"""Records and totals: who has spent what, as the store has it after an answer has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.money.reports import totals_of_keys
from gateway.money.usage import (
    COUNTS,
    DAY,
    KEEP_DAYS,
    SESSION,
    Totals,
    UsageRecorder,
    key_partition,
    printable,
    read_totals,
    record_partition,
)
from gateway.routing.resolve import Candidate
from gateway.storage.open import open_store
from gateway.storage.protocol import Change, Item, Store
from gateway.web.summary import Summary
from streaming import StreamingResponse
from translator.anthropic.errors import upstream_failure

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import END, ROLE, FakeAnswer, Harness, Silence, fine, receive, said
from tests.unit.gateway.money.accounts import PRICED, giving
from tests.unit.gateway.money.test_ledger import NOON, THROTTLED, no_pause

SUMMARY = Summary(
    request_id="req_1", key_id="key_1", owner="ada", session="s1", agent="a1", parent_agent="", client="claude-cli/2",
    requested_model="opus", model="one/model", input_tokens=100, output_tokens=40, thinking_tokens=None,
    cost_micro_dollars=500, stop_reason="end_turn", attempts=1, total_ms=12.4,
)  # fmt: skip
ONE = {"requests": 1, "input_tokens": 100, "output_tokens": 40, "cost_micro_dollars": 500}


@dataclass(slots=True)
class Bench:
    store: Store
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def recorder(self, store: Any = None) -> UsageRecorder:
        return UsageRecorder(
            giving(store or self.store),
            clock=self.clock,
            log=lambda message, fields: self.lines.append((message, fields)),
            pause=no_pause,
        )

    def totals(self, partition: str, prefix: str = "") -> dict[str, dict[str, int]]:
        items = run(self.store.query(partition, prefix))
        return {item.sk: dict(read_totals(item.attributes).counts) for item in items}

    def records(self) -> list[Item]:
        return list(run(self.store.query(record_partition("key_1", "2026-11-30"))))


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store)


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Bench]:
    store = open_store(f"sqlite:{tmp_path}/edgeway.db", clock=Clock(NOON))
    yield Bench(store)
    store.close()


def test_a_request_is_recorded_and_added_to_each_total(bench: Bench) -> None:
    recorder = bench.recorder()
    run(recorder.record(SUMMARY, PRICED))
    failed = replace(SUMMARY, request_id="req_2", error_type="api_error", cost_is_estimate=True, agent="", owner="")
    run(recorder.record(failed, PRICED))
    two = {name: 2 * number for name, number in ONE.items()} | {"errors": 1, "estimated_micro_dollars": 500}
    other = {name: two[name] - ONE.get(name, 0) for name in two}
    assert bench.totals(key_partition("key_1"), DAY) == {
        "DAY#2026-11-30#one/model": {name: number for name, number in other.items() if number},
        "DAY#2026-11-30#one/model#ada": ONE,
    }
    found = run(bench.store.query(key_partition("key_1"), DAY))
    assert [(each.model, each.owner) for each in totals_of_keys(found)] == [("one/model", ""), ("one/model", "ada")]
    sessions = bench.totals(key_partition("key_1"), SESSION)
    assert list(sessions) == ["SESSION#2026-11-30#s1#", "SESSION#2026-11-30#s1#a1"]
    first, second = bench.records()
    assert (first.attributes["request_id"], second.attributes["request_id"]) == ("req_1", "req_2")
    assert first.ttl == int(NOON) + KEEP_DAYS * 86_400
    assert {name: first.attributes[name] for name in ("client", "agent", "cost_micro_dollars", "total_ms", "at")} == {
        "client": "claude-cli/2", "agent": "a1", "cost_micro_dollars": 500, "total_ms": 12, "at": int(NOON),
    }  # fmt: skip


def test_what_comes_together_is_added_up_in_fewer_writes(quick: Bench) -> None:
    changes = []

    @dataclass(slots=True)
    class Counting:
        store: Store

        async def put(self, item: Item, *, replaces: int | None) -> None:
            await self.store.put(item, replaces=replaces)

        async def change(self, change: Change) -> Item:
            changes.append(change)
            return await self.store.change(change)

    recorder = quick.recorder(Counting(quick.store))

    async def together() -> None:
        requests = (replace(SUMMARY, request_id=f"req_{number}") for number in range(20))
        await asyncio.gather(*(recorder.record(summary, PRICED) for summary in requests))

    run(together())
    (total,) = quick.totals(key_partition("key_1"), DAY).values()
    assert (total["requests"], total["cost_micro_dollars"], len(quick.records())) == (20, 10_000, 20)
    assert len(changes) == 4  # of the first, and of all others together


def test_a_model_that_nobody_knows_makes_no_total_of_its_own(quick: Bench) -> None:
    unknown = replace(PRICED, model="free text", facts=None)
    run(quick.recorder().record(replace(SUMMARY, model="one/free text"), unknown))
    assert list(quick.totals(key_partition("key_1"), DAY)) == ["DAY#2026-11-30#one/other#ada"]


@pytest.mark.parametrize("is_made", [False, True])
@pytest.mark.parametrize("failures", [1, 3, 99])
def test_a_store_that_fails_is_asked_again_and_counts_once(quick: Bench, failures: int, is_made: bool) -> None:
    @dataclass(slots=True)
    class Faulty:
        store: Store
        left: dict[str, int] = field(default_factory=dict)

        async def _fail(self, place: str, work: Any) -> Any:
            self.left[place] = self.left.get(place, failures) - 1
            if self.left[place] < 0:
                return await work
            if is_made:
                await asyncio.gather(work, return_exceptions=True)
            else:
                work.close()
            raise THROTTLED

        async def put(self, item: Item, *, replaces: int | None) -> None:
            await self._fail(item.sk, self.store.put(item, replaces=replaces))

        async def change(self, change: Change) -> Item:
            found: Item = await self._fail(change.sk, self.store.change(change))
            return found

    run(quick.recorder(Faulty(quick.store)).record(SUMMARY, PRICED))
    is_there = failures < 4 or is_made
    assert quick.totals(key_partition("key_1"), DAY) == ({"DAY#2026-11-30#one/model#ada": ONE} if is_there else {})
    told = [("usage not recorded", {"error": "AwsError"})] * 3
    assert quick.lines == (told if failures == 99 else [])


def test_callers_words_are_cut_to_what_can_be_shown() -> None:
    assert printable("a\x1b[31m\nb\u202e" + "x" * 200) == "a?[31m?b?" + "x" * 119
    assert printable(None) == ""


def test_sums_add_up() -> None:
    both = Totals({"requests": 1, "errors": 2}) + Totals({"requests": 3})
    assert both.counts == dict.fromkeys(COUNTS, 0) | {"requests": 4, "errors": 2}


@dataclass(slots=True)
class Recorded:
    """Takes what is to be recorded."""

    summaries: list[tuple[Summary, Candidate]] = field(default_factory=list)

    async def __call__(self, summary: Summary, candidate: Candidate) -> None:
        self.summaries.append((summary, candidate))


HEADERS = {
    "x-claude-code-session-id": "s1",
    "x-claude-code-agent-id": "a2",
    "x-claude-code-parent-agent-id": "a1",
    "user-agent": "claude-cli/2.1 \x1b]0;x",
}


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_recorded_when_it_has_ended(stream: bool) -> None:
    recorded = Recorded()
    harness = Harness([fine()], providers=["one"], record=recorded)
    response = harness.handle(stream=stream, headers=HEADERS)
    assert isinstance(response, StreamingResponse)
    assert recorded.summaries == []
    assert receive(response).status == 200
    ((summary, candidate),) = recorded.summaries
    assert candidate.name == "one/model"
    told = (summary.session, summary.agent, summary.parent_agent, summary.client, summary.output_tokens)
    assert told == ("s1", "a2", "a1", "claude-cli/2.1 ?]0;x", 3)


@pytest.mark.parametrize("header", ["x-session-id", "x-conversation-id"])
def test_other_clients_name_their_conversation_too(header: str) -> None:
    recorded = Recorded()
    Harness([fine()], record=recorded).ask(headers={header: "c7"})
    assert recorded.summaries[0][0].session == "c7"


def test_what_failed_and_what_was_given_up_is_recorded() -> None:
    recorded = Recorded()
    too_late = upstream_failure("too late", "timeout_error", reason="timeout")
    harness = Harness([too_late], providers=["one"], record=recorded)

    async def route(_model: str, _key: KeyRecord) -> list[Candidate]:
        return [PRICED]

    object.__setattr__(harness.function._services, "route", route)
    object.__setattr__(harness.function._chooser, "route", route)
    answer = harness.ask()
    assert (answer.status, answer.headers["x-edgeway-cost-usd"]) == (504, "0.000017")
    ((summary, _),) = recorded.summaries
    assert (summary.cost_micro_dollars, summary.cost_is_estimate, summary.error_type) == (17, True, "timeout_error")


def test_the_cost_of_a_whole_answer_is_told_and_a_refusal_of_ours_is_not_recorded() -> None:
    recorded = Recorded()
    harness = Harness([FakeAnswer([[ROLE, said("Hello")], END])], providers=["one"], record=recorded)

    async def route(_model: str, _key: KeyRecord) -> list[Candidate]:
        return [PRICED]

    object.__setattr__(harness.function._services, "route", route)
    object.__setattr__(harness.function._chooser, "route", route)
    assert harness.ask().headers["x-edgeway-cost-usd"] == "0.000042"
    refused = harness.ask(messages=7)
    assert (refused.status, len(recorded.summaries)) == (400, 1)
    assert recorded.summaries[0][0].cost_is_estimate is False


def test_a_caller_who_goes_is_recorded() -> None:
    recorded = Recorded()
    harness = Harness([Silence()], providers=["one"], record=recorded)

    async def hang_up() -> None:
        serving = asyncio.create_task(harness.begin())
        await asyncio.sleep(0.02)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    run(hang_up())
    assert [summary.error_type for summary, _ in recorded.summaries] == ["cancelled"]


def test_without_a_session_there_is_no_total_of_one(quick: Bench) -> None:
    run(quick.recorder().record(replace(SUMMARY, session="", owner=""), PRICED))
    assert quick.totals(key_partition("key_1"), SESSION) == {}
