"""A second candidate beside a slow one: who answers, what becomes of the other, and what both cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from gateway.answering.lanes import Lane, Race
from gateway.answering.lazy_count import LazyCount
from gateway.answering.open_answer import OpenAnswer
from gateway.answering.upstream_request import UpstreamAnswer
from gateway.choice.circuit import Circuit
from gateway.choice.first_contents import LEAST_SAMPLES
from gateway.choice.health_memory import HealthMemory
from gateway.choice.places import places
from gateway.choice.retry_budget import AT_FIRST
from gateway.money.estimates import Estimate
from gateway.money.refusals import OverBudgetError
from gateway.routing.route_rules import RouteRule, Routes
from gateway.upstream.client import HttpUpstream
from gateway.upstream.deadlines import Deadlines
from hypothesis import example, given, settings
from hypothesis import strategies as st
from streaming import StreamingResponse
from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Usage

from tests.laws import decode, text_of
from tests.loop import run
from tests.simulation.virtual_time import now, run_virtually
from tests.unit.gateway.fakes import (
    END,
    NOW,
    ROLE,
    Answer,
    FakeAnswer,
    FakeLedger,
    FakeReservation,
    Harness,
    Outcome,
    Step,
    candidate,
    chunk,
    received,
    said,
    unshared_health,
)
from tests.unit.gateway.raw_server import Peer, serving

HEDGED = Routes(rules=(RouteRule(name="quick", hedge=True),))
USUAL = 0.25
"""Seconds to the first content; the floor of what is slow is one second."""
SLOW_AFTER = 1.0
USED = Usage(input_tokens=12, output_tokens=3)
CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "read", "arguments": '{"path": "a"}'}}
TOOL = {"name": "read", "input_schema": {"type": "object"}}
REFUSED = FakeAnswer([], 429, body=b'{"error": {"message": "slow down"}}')
NO_MORE = OverBudgetError("no more", window="day", reset=None, seconds=None)
NO_ESTIMATE = Estimate(input_tokens=LazyCount(lambda: 1, guessed_most=1, estimate=1), max_tokens=1, seconds=1.0)
OVERLOADED = FakeAnswer([], 503, body=b"<html>")


def words(text: str, *, after: float = 0.0, rest: float = 0.0) -> FakeAnswer:
    """An answer in two pieces: the first comes after so many seconds, the rest later."""
    half = len(text) // 2
    return FakeAnswer([[ROLE], after, [said(text[:half])], rest, [said(text[half:])], END])


def failing(outcome: Outcome, seconds: float) -> tuple[float, Outcome]:
    """It comes to this after so many seconds."""
    return seconds, outcome


@dataclass(slots=True)
class Timed:
    """Upstreams by name, each with what it answers in order, and the seconds before the head."""

    plans: Mapping[str, Sequence[Outcome | tuple[float, Outcome]]]
    calls: list[tuple[str, float]] = field(default_factory=list)
    """Who was asked, and when."""
    answers: list[FakeAnswer] = field(default_factory=list)
    left: list[tuple[str, float]] = field(default_factory=list)
    """Who was hung up on before the head, and when."""

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> FakeAnswer:
        name = url.split("//")[1].split(".")[0]
        plan = self.plans[name][sum(each == name for each, _ in self.calls)]
        self.calls.append((name, now()))
        seconds, outcome = plan if isinstance(plan, tuple) else (0.0, plan)
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.left.append((name, now()))
            raise
        if isinstance(outcome, BaseException):
            raise outcome
        assert isinstance(outcome, FakeAnswer)
        self.answers.append(FakeAnswer(outcome.steps, outcome.status, outcome.headers, outcome.body))
        return self.answers[-1]

    def is_let_go(self) -> bool:
        """Whether every answer was closed, once."""
        return all(len(answer.closed) == 1 for answer in self.answers)


@dataclass(slots=True)
class Played:
    """What one request came to."""

    harness: Harness
    upstream: Timed
    health: HealthMemory
    answer: Answer
    seconds: float
    began: float

    @property
    def calls(self) -> list[tuple[str, float]]:
        """Who was asked for it, and after how many seconds."""
        return [(name, round(at - self.began, 6)) for name, at in self.upstream.calls if at >= self.began]

    @property
    def settled(self) -> list[list[Usage | None]]:
        return self.harness.ledger.settled()[-len(self.calls) :]

    @property
    def tried(self) -> list[tuple[str, str]]:
        told: Any = self.harness.summaries()[-1]["tried"]
        return [(each["model"].partition("/")[0], each["outcome"]) for each in told]


class Ask:
    """One request of which the caller reads so many pieces; after so many seconds it hangs up."""

    def __init__(self, *, pieces: int | None = None, gone_after: float | None = None, **changes: Any) -> None:
        self.pieces = pieces
        self.gone_after = gone_after
        self.changes = changes


async def _played(
    plans: Mapping[str, Sequence[Outcome | tuple[float, Outcome]]], ask: Ask, warm: int, **more: Any
) -> Played:
    loop = asyncio.get_running_loop()
    health = unshared_health(lambda: NOW + loop.time())
    upstream = Timed(plans)
    hedge = health.hedge("quick", is_stream=ask.changes.get("stream", False))
    harness = Harness(
        [], tuple(plans), client=upstream, health=health, monotonic=loop.time, **{"routes": HEDGED, **more}
    )
    for _ in range(warm):
        hedge.note(candidate("one", "model"), USUAL)
    began = now()

    async def asked() -> Answer:
        return await received(await harness.begin(**ask.changes), ask.pieces)

    task = asyncio.create_task(asked())
    await asyncio.wait({task}, timeout=ask.gone_after)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    answer = Answer(499, {}, b"") if task.cancelled() else task.result()
    seconds = now() - began
    await asyncio.sleep(60)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert upstream.is_let_go()
    assert all(len(each) == 1 for each in harness.ledger.settled())
    return Played(harness, upstream, health, answer, round(seconds, 6), began)


def play(
    plans: Mapping[str, Sequence[Outcome | tuple[float, Outcome]]], ask: Ask | None = None, warm: int = 25, **more: Any
) -> Played:
    """The request where so many others are known to have been answered quickly by the first candidate."""
    return run_virtually(_played(plans, ask or Ask(), warm, **more))


def text(answer: Answer, *, stream: bool) -> str:
    if stream:
        return text_of(answer.events())
    return "".join(block.get("text", "") for block in answer.json()["content"])


@pytest.mark.parametrize("stream", [False, True])
def test_the_second_answers_where_the_first_is_slow(*, stream: bool) -> None:
    played = play({"one": [words("first", after=30.0)], "two": [words("second", after=0.5)]}, Ask(stream=stream))
    assert text(played.answer, stream=stream) == "second"
    assert played.calls == [("one", 0.0), ("two", SLOW_AFTER)]
    assert played.seconds == SLOW_AFTER + 0.5
    assert played.tried == [("one", "outrun"), ("two", "answered")]
    lost, used = played.settled
    assert used == [USED]
    assert lost == [Usage(input_tokens=lost[0].input_tokens, output_tokens=1)]  # type: ignore[union-attr]
    assert [each.estimates for each in played.harness.ledger.reservations[-2:]] == [[True], [False]]
    summary = played.harness.summaries()[-1]
    assert (summary["model"], summary["attempts"], summary["route"]) == ("two/model", 2, "quick")
    assert played.answer.headers["x-edgeway-attempts"] == "2,one/model=outrun,two/model=answered"
    assert played.upstream.answers[-2].closed == [False]


@pytest.mark.parametrize("stream", [False, True])
def test_the_first_answers_where_it_is_not_so_slow(*, stream: bool) -> None:
    played = play({"one": [words("first", after=1.5, rest=9.0)], "two": [(20.0, words("second"))]}, Ask(stream=stream))
    assert text(played.answer, stream=stream) == "first"
    assert played.calls == [("one", 0.0), ("two", SLOW_AFTER)]
    assert played.tried == [("two", "outrun"), ("one", "answered")]
    assert [(name, round(at - played.began, 6)) for name, at in played.upstream.left] == [("two", 1.5)]
    assert played.settled[0] == [USED]
    summary = played.harness.summaries()[-1]
    assert (summary["model"], summary["attempts"]) == ("one/model", 2)
    assert (summary["error_type"], played.answer.headers["x-edgeway-model"]) == (None, "one/model")


def test_calls_of_tools_come_from_one_of_both() -> None:
    calls = FakeAnswer([[ROLE], 0.2, [chunk({"tool_calls": [CALL]})], [chunk({}, "tool_calls"), *END[1:]]])
    played = play({"one": [words("first", after=30.0)], "two": [calls]}, Ask(tools=[TOOL]))
    assert [block["type"] for block in played.answer.json()["content"]] == ["tool_use"]
    assert played.tried == [("one", "outrun"), ("two", "answered")]


@pytest.mark.parametrize(
    ("ask", "more"),
    [
        (Ask(), {"routes": Routes(rules=(RouteRule(name="quick"),))}),
        (Ask(), {"routes": Routes()}),
        (Ask(), {"warm": int(LEAST_SAMPLES) - 1}),
        (Ask(), {"ledger": FakeLedger(refusal=(1, NO_MORE))}),
        (Ask(tools=[{"type": "web_search_20250305", "name": "web_search"}, TOOL]), {}),
        (Ask(container="container_1"), {}),
    ],
    ids=["no hedge", "no route", "too few samples", "no budget for both", "runs a search", "has a state"],
)
def test_nobody_else_is_asked(ask: Ask, more: Mapping[str, Any]) -> None:
    played = play({"one": [words("first", after=5.0)], "two": []}, ask, **more)
    assert [name for name, _ in played.calls] == ["one"]
    assert text(played.answer, stream=False) == "first"


def test_nobody_else_is_asked_after_the_first_content() -> None:
    played = play({"one": [words("first", after=0.5, rest=60.0)], "two": []}, Ask(stream=True))
    assert (played.calls, text(played.answer, stream=True)) == ([("one", 0.0)], "first")


def test_who_is_slow_to_begin_is_hedged_by_nobody_who_is_set_aside() -> None:
    async def asked() -> list[str]:
        loop = asyncio.get_running_loop()
        health = unshared_health(lambda: NOW + loop.time())
        left = [candidate("two", "model"), candidate("three", "model")]
        health.health.circuits[places(left[0])[0]] = Circuit(open_until=NOW + 60, at=NOW, pause=10)
        found = [health.beside(left, "key_1")]
        await asyncio.sleep(70)
        found.append(health.beside(left, "key_1"))  # half-open: a hedge is no probe
        return [each.name for each in found if each]

    assert run_virtually(asked()) == ["three/model", "three/model"]


def test_hedges_are_paid_from_the_retry_budget() -> None:
    async def asked() -> int:
        health = unshared_health(lambda: NOW)
        left = [candidate("two", "model")]
        return sum(health.beside(left, "key_1") is not None for _ in range(20))

    assert run_virtually(asked()) == AT_FIRST


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "third", "status", "tried"),
    [
        (failing(REFUSED, 2.0), failing(OVERLOADED, 3.0), None, 529, ["rate_limited", "overloaded"]),
        (failing(OVERLOADED, 5.0), failing(REFUSED, 1.0), None, 529, ["overloaded", "rate_limited"]),
        (
            failing(REFUSED, 2.0),
            failing(FakeAnswer([], 404, body=b"{}"), 3.0),
            None,
            429,
            ["rate_limited", "not_found"],
        ),
        (failing(REFUSED, 2.0), failing(OVERLOADED, 3.0), words("third"), 200, ["rate_limited", "overloaded"]),
    ],
    ids=["the first fails first", "the second fails first", "what may pass is told", "the third answers"],
)
def test_where_both_fail_the_table_of_the_page_holds(
    first: Any, second: Any, third: FakeAnswer | None, status: int, tried: list[str], *, stream: bool
) -> None:
    plans = {"one": [first], "two": [second], **({"three": [third]} if third else {})}
    played = play(plans, Ask(stream=stream))
    assert played.answer.status == status
    assert [outcome for _, outcome in played.tried] == [*tried, *(["answered"] if third else [])]
    assert played.settled[:2] == [[None], [None]]


def test_the_second_goes_on_where_the_first_has_failed() -> None:
    played = play({"one": [failing(OVERLOADED, 2.0)], "two": [words("second", after=5.0)], "three": []})
    assert text(played.answer, stream=False) == "second"
    assert played.tried == [("one", "overloaded"), ("two", "answered")]


def test_an_error_of_the_caller_ends_both_at_once() -> None:
    wrong = FakeAnswer([], 400, body=b'{"error": {"message": "unknown model"}}')
    played = play({"one": [words("first", after=60.0)], "two": [failing(wrong, 0.5)], "three": []})
    assert (played.answer.status, played.seconds) == (400, SLOW_AFTER + 0.5)
    assert played.answer.json()["error"]["message"] == "unknown model"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("gone_after", [0.5, SLOW_AFTER, 1.2, 3.0])
def test_the_caller_hangs_up_while_both_run(gone_after: float, *, stream: bool) -> None:
    played = play(
        {"one": [words("first", after=60.0)], "two": [(30.0, words("second"))]},
        Ask(stream=stream, gone_after=gone_after),
    )
    assert played.answer.status == 499
    assert {outcome for _, outcome in played.tried} == {"cancelled"}
    assert all(usage is not None for [usage] in played.settled)


def test_a_race_gives_up_all_that_it_hangs_up_on() -> None:
    async def hang_up() -> list[str]:
        lanes = [Lane(candidate("one", "model"), FakeReservation("one/model", NO_ESTIMATE))]
        given_up: list[str] = []

        async def ask(lane: Lane) -> OpenAnswer:
            await asyncio.sleep(600)
            raise AssertionError(f"{lane.candidate.name} is cancelled")

        async def give_up(lane: Lane) -> None:
            given_up.append(lane.candidate.name)

        async def second() -> Lane:
            racing.cancel()  # the caller hangs up now
            return Lane(candidate("two", "model"), FakeReservation("two/model", NO_ESTIMATE), is_second=True)

        racing = asyncio.ensure_future(Race(lanes, ask=ask, give_up=give_up).answer(1.0, second, []))
        await asyncio.wait({racing})
        assert racing.cancelled()
        return given_up

    assert run_virtually(hang_up()) == ["one/model", "two/model"]


def test_both_come_at_the_same_moment() -> None:
    played = play({"one": [words("first", after=2.0)], "two": [words("second", after=1.0)]}, Ask(stream=True))
    assert text(played.answer, stream=True) in ("first", "second")
    assert sorted(outcome for _, outcome in played.tried) == ["answered", "outrun"]


def test_the_caller_hears_one_beginning_although_it_waits_long() -> None:
    played = play(
        {"one": [words("first", after=60.0)], "two": [(15.0, words("second", after=9.0))]},
        Ask(stream=True),
        ping_seconds=10.0,
    )
    types = played.answer.types()
    assert types.count("message_start") == 1
    assert text(played.answer, stream=True) == "second"


def test_natives_that_run_beside_each_other_begin_one_message() -> None:
    start = '{"type":"message_start","message":{"id":"%s","usage":{"input_tokens":5,"output_tokens":1}}}'
    rest = [
        '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"native"}}',
        '{"type":"content_block_stop","index":0}',
        '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null},"usage":{"output_tokens":2}}',
        '{"type":"message_stop"}',
    ]

    def native(name: str, after: float) -> FakeAnswer:
        return FakeAnswer([[event(start % name)], after, [event(each) for each in rest]])

    def event(data: str) -> str:
        return f"event: {json.loads(data)['type']}\ndata: {data}\n\n"

    played = play(
        {"one": [words("first", after=40.0)], "two": [native("msg_two", 20.0)]},
        Ask(stream=True),
        natives=("two",),
        ping_seconds=10.0,
    )
    events = decode(played.answer.body)
    assert [event["type"] for event in events].count("message_start") == 1
    assert text_of(events) == "native"


def test_who_is_outrun_is_taught_nothing_and_is_still_known_to_be_slow() -> None:
    slow = [words("first", after=30.0)] * 5
    played = play({"one": slow, "two": [words("second", after=0.5)] * 5}, Ask(stream=True))
    assert played.health.health.circuits.get(places(candidate("one", "model"))[1], Circuit()).in_a_row == 0
    times = played.health.hedge("quick", is_stream=True).contents.samples
    kept = {kind.candidate: [round(seconds, 6) for _, seconds in known] for kind, known in times.items()}
    assert kept["one/model"] == [*[USUAL] * 25, SLOW_AFTER + 0.5]
    assert kept["two/model"] == [0.5]


def test_the_session_is_told_to_have_left_who_was_outrun() -> None:
    async def asked() -> object:
        headers = {"x-claude-code-session-id": "session_1"}
        ask = Ask(stream=True, headers=headers)
        loop = asyncio.get_running_loop()
        upstream = Timed(
            {
                "one": [*[words("usual", after=USUAL)] * 25, words("first", after=30.0)],
                "two": [words("second")],
            }
        )
        harness = Harness(
            [],
            ("one", "two"),
            client=upstream,
            health=unshared_health(lambda: NOW + loop.time()),
            monotonic=loop.time,
            routes=HEDGED,
        )
        for _ in range(26):
            await harness.answer(**ask.changes)
        return harness.summaries()[-1]["left_cache"]

    assert run_virtually(asked()) == "one/model=outrun"


def test_no_connection_is_left_of_two_when_the_caller_hangs_up() -> None:
    closed: list[int] = []

    def silent(peer: Peer) -> None:
        peer.request()
        peer.wait_for_the_end()
        closed.append(peer.number)

    class Rerouted:
        def __init__(self, url: str) -> None:
            self.url = url
            self.upstream = HttpUpstream({})

        async def open(
            self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines
        ) -> UpstreamAnswer:
            assert url != self.url
            return await self.upstream.open(self.url, headers=headers, body=body, deadlines=deadlines)

    async def hang_up(url: str) -> set[Any]:
        before = asyncio.all_tasks()
        health = unshared_health(lambda: NOW)
        hedge = health.hedge("quick", is_stream=True)
        for _ in range(25):
            hedge.note(candidate("one", "model"), 0.01)
        harness = Harness([], ("one", "two"), client=Rerouted(url), health=health, routes=HEDGED, ping_seconds=0.2)
        answer = await harness.begin(stream=True)
        assert isinstance(answer, StreamingResponse)
        await asyncio.sleep(1.2)
        await answer.body.aclose()  # type: ignore[attr-defined] # every body of ours has it
        while len(closed) < 2:  # noqa: ASYNC110 -- what another thread does sets no event
            await asyncio.sleep(0.01)
        tried: Any = harness.summaries()[-1]["tried"]
        assert [each["outcome"] for each in tried] == ["cancelled", "cancelled"]
        return asyncio.all_tasks() - before

    with serving(silent) as server:
        assert run(hang_up(server.url)) == set()


SECONDS = st.sampled_from([0.0, 0.3, 0.9, 1.0, 1.1, 2.0, 5.0, 12.0])
FAILURES = st.sampled_from(
    [
        REFUSED,
        OVERLOADED,
        FakeAnswer([[ROLE]]),
        upstream_failure("gone", reason="connection_lost"),
        upstream_failure("late", "timeout_error", reason="timeout"),
        FakeAnswer([[ROLE], 1.0, upstream_failure("gone")]),
    ]
)


def answers(word: str) -> st.SearchStrategy[tuple[float, Outcome]]:
    """An answer of this word, or a failure."""
    steps: st.SearchStrategy[Outcome] = st.builds(
        lambda thought, after, rest: FakeAnswer(
            [
                [ROLE],
                *([[chunk({"reasoning_content": f"thoughts of {word}"})]] if thought else list[Step]()),
                after,
                [said(word)],
                rest,
                [said(f" of {word}")],
                END,
            ]
        ),
        st.booleans(),
        SECONDS,
        SECONDS,
    )
    return st.tuples(SECONDS, st.one_of(steps, FAILURES))


def slow(word: str, begins: float) -> tuple[float, Outcome]:
    """An answer that begins after so many seconds, and has its content 2 s later."""
    return (begins, FakeAnswer([[ROLE], 2.0, [said(word)], [said(f" of {word}")], END]))


@settings(max_examples=150, deadline=None)
@example(slow("alpha", 1.0), slow("beta", 0.3), (0.0, REFUSED), True, 3.0, None)  # content and the ping at once
@given(
    answers("alpha"),
    answers("beta"),
    answers("gamma"),
    st.booleans(),
    st.sampled_from([600.0, 1.05, 3.0]),
    st.sampled_from([None, None, 0.5, 1.5, 4.0]),
)
def test_the_caller_sees_one_candidates_answer(
    one: Any, two: Any, three: Any, stream: bool, ping_seconds: float, gone_after: float | None
) -> None:
    played = play(
        {"one": [one], "two": [two], "three": [three]},
        Ask(stream=stream, gone_after=gone_after),
        ping_seconds=ping_seconds,
    )
    seen = played.answer.body.decode()
    named = {word for word in ("alpha", "beta", "gamma") if word in seen}
    assert len(named) <= 1
    (by_name,) = named or {""}
    if played.answer.status == 200 and (not stream or played.answer.types()[-1] == "message_stop"):
        assert text(played.answer, stream=stream) == f"{by_name} of {by_name}"
        name = {"alpha": "one", "beta": "two", "gamma": "three"}[by_name]
        assert played.tried[-1] == (name, "answered")
    assert len(played.calls) <= 3
