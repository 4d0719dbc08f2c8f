"""However a request ends, its reservation is settled once, its upstream let go, and one line logged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from streaming import StreamingResponse
from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Usage

from tests.loop import run
from tests.unit.gateway.fakes import END, ROLE, FakeAnswer, Harness, Outcome, Silence, again, receive, said

GONE = upstream_failure("the upstream closed the connection")
USED = Usage(input_tokens=12, output_tokens=3)
BUG = RuntimeError("planted secret")


def streamed(harness: Harness) -> StreamingResponse:
    response = harness.handle(stream=True)
    assert isinstance(response, StreamingResponse)
    return response


def estimated(harness: Harness, characters: int) -> Usage:
    """What is settled where the upstream has counted nothing."""
    estimate = harness.ledger.reservations[-1].estimate
    return Usage(input_tokens=int(estimate.input_tokens), output_tokens=max(1, -(-characters // 4)))


def works_again(harness: Harness) -> None:
    """The environment serves the next request."""
    harness.upstream.calls.clear()
    harness.upstream.answers = [FakeAnswer([[said("Hello")], END])]
    answer = harness.stream()
    assert answer.types()[-1] == "message_stop"


# name: the answers of the upstream, what is settled of each, the outcome that is logged
ENDINGS: dict[str, tuple[list[Outcome], Callable[[Harness], list[Any]], object]] = {
    "success": ([FakeAnswer([[ROLE, said("Hello")], END])], lambda _: [USED], "end_turn"),
    "success without usage": (
        [FakeAnswer([[said("Hello " * 10)], [END[0], END[2]]])],
        lambda harness: [estimated(harness, 60)],
        "end_turn",
    ),
    "success without an end mark": ([FakeAnswer([[said("Hello")], END[:2]])], lambda _: [USED], "end_turn"),
    "never reached": ([GONE], lambda _: [None], "api_error"),
    "refused": ([FakeAnswer([], 400, body=b'{"error": "unknown model"}')], lambda _: [None], "invalid_request_error"),
    "error before content": ([FakeAnswer([[ROLE], GONE])], lambda _: [None], "api_error"),
    "error after content": (
        [FakeAnswer([[said("Hello")], GONE])],
        lambda harness: [estimated(harness, 5)],
        "api_error",
    ),
    "no end after content": ([FakeAnswer([[said("Hello")]])], lambda harness: [estimated(harness, 5)], "api_error"),
    "error after content, counted": (
        [FakeAnswer([[said("Hello")], END[1:2], GONE])],
        lambda _: [USED],
        "api_error",
    ),
    "a bug before content": ([FakeAnswer([[ROLE], BUG])], lambda _: [None], "api_error"),
    "a bug before anything": ([BUG], lambda _: [None], "api_error"),
    "a bug after content": ([FakeAnswer([[said("Hello")], BUG])], lambda harness: [estimated(harness, 5)], "api_error"),
    "all candidates fail": ([GONE, FakeAnswer([]), FakeAnswer([[ROLE], GONE])], lambda _: [None] * 3, "api_error"),
}


@pytest.mark.failure_mode(14)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ENDINGS)
def test_an_ending_that_the_upstream_decides(name: str, stream: bool) -> None:
    upstream, settled, outcome = ENDINGS[name]
    fresh = [
        FakeAnswer(each.steps, each.status, body=each.body) if isinstance(each, FakeAnswer) else each
        for each in upstream
    ]
    harness = Harness(fresh, providers=["one", "two", "three"][: len(fresh)])
    harness.ask(stream=stream)
    assert harness.ledger.settled() == [[usage] for usage in settled(harness)]
    assert [len(each.closed) for each in fresh if isinstance(each, FakeAnswer)] == [1] * sum(
        isinstance(each, FakeAnswer) for each in fresh
    )
    (summary,) = harness.summaries()
    assert (summary["error_type"] or summary["stop_reason"]) == outcome
    last = settled(harness)[-1]
    assert (summary["input_tokens"], summary["output_tokens"]) == (
        (last.input_tokens, last.output_tokens) if last else (0, 0)
    )
    works_again(harness)


@pytest.mark.failure_mode(40)
@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_the_caller_hangs_up(pieces: int) -> None:
    upstream = FakeAnswer([[said("Hello ")], [said("world")], Silence()])
    harness = Harness([upstream])
    receive(harness.handle(stream=True), pieces)
    assert harness.ledger.settled() == [[estimated(harness, 11 if pieces == 2 else 6)]]
    assert upstream.closed == [False]
    (summary,) = harness.summaries()
    assert (summary["status"], summary["error_type"], summary["error_fault"]) == (200, "cancelled", "caller")
    assert summary["output_tokens"] == estimated(harness, 11 if pieces == 2 else 6).output_tokens
    works_again(harness)


@pytest.mark.failure_mode(40)
@pytest.mark.parametrize("pieces", [0, 1])
def test_the_caller_hangs_up_while_nothing_has_come(pieces: int) -> None:
    """200 was committed after a ping's time; nobody else is asked then."""
    harness = Harness([Silence()], ping_seconds=0.01)
    receive(harness.handle(stream=True), pieces)
    assert harness.ledger.settled() == [[estimated(harness, 1)]]
    assert len(harness.upstream.calls) == 1
    (summary,) = harness.summaries()
    assert (summary["error_type"], summary["output_tokens"]) == ("cancelled", 0)
    works_again(harness)


@pytest.mark.failure_mode(40)
def test_the_caller_hangs_up_before_content() -> None:
    upstream = FakeAnswer([[ROLE], Silence()])
    harness = Harness([upstream], providers=["one"])
    receive(harness.handle(stream=True), 1)
    assert harness.ledger.settled() == [[estimated(harness, 1)]]
    assert harness.ledger.reservations[0].estimates == [True]
    assert upstream.closed == [False]
    assert len(harness.upstream.calls) == 1
    works_again(harness)


@pytest.mark.failure_mode(40)
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("outcome", "characters"),
    [(Silence(), 0), (FakeAnswer([[ROLE], Silence()]), 0), (FakeAnswer([[said("Hello")], Silence()]), 5)],
    ids=["silent", "the role alone", "content"],
)
def test_the_task_is_cancelled_while_the_upstream_is_silent(outcome: Outcome, characters: int, times: int) -> None:
    """The caller has gone; whoever ends the task may do so again while the reservation is settled."""
    harness = Harness([again(outcome)], ping_seconds=0.01)
    response = streamed(harness)

    async def serve() -> None:
        try:
            async for _ in response.body:
                pass
        finally:
            await response.body.aclose()  # type: ignore[attr-defined] # every body of ours has it

    async def hang_up() -> None:
        serving = asyncio.create_task(serve())
        await asyncio.sleep(0.03)
        for _ in range(times):
            serving.cancel()
            await asyncio.sleep(0)
        with suppress(asyncio.CancelledError):
            await serving
        await asyncio.sleep(0.01)

    harness.ledger.seconds = 0.005
    run(hang_up())
    assert harness.ledger.settled() == [[estimated(harness, characters)]]
    assert len(harness.upstream.calls) == 1
    (summary,) = harness.summaries()
    assert summary["error_type"] == "cancelled"
    works_again(harness)


@pytest.mark.parametrize(
    ("outcome", "characters", "stream"),
    [
        (Silence(), 0, False),
        (Silence(), 0, True),
        (FakeAnswer([[ROLE], Silence()]), 0, False),
        (FakeAnswer([[ROLE], Silence()]), 0, True),
        (FakeAnswer([[said("Hello")], Silence()]), 5, False),
    ],
)
def test_the_task_is_cancelled_before_the_answer_begins(outcome: Outcome, characters: int, stream: bool) -> None:
    """The caller has gone, or the process is told to end, while the handler still waits."""
    fresh = again(outcome)
    harness = Harness([fresh], providers=["one", "two"])

    async def hang_up() -> None:
        serving = asyncio.create_task(harness.begin(stream=stream))
        await asyncio.sleep(0.03)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    run(hang_up())
    assert harness.ledger.settled() == [[estimated(harness, characters)]]
    if isinstance(fresh, FakeAnswer):
        assert fresh.closed == [False]
    (summary,) = harness.summaries()
    assert (summary["status"], summary["error_type"]) == (499, "cancelled")
    assert summary["output_tokens"] == (2 if characters else 0)
    works_again(harness)


def test_closing_the_connection_may_fail() -> None:
    class Unclosable(FakeAnswer):
        async def close(self, *, drain: bool = False) -> None:
            raise OSError("planted secret")

    harness = Harness([Unclosable([[said("Hello")], END])])
    answer = harness.ask()
    assert answer.status == 500
    assert harness.ledger.settled() == [[USED]]
    assert "planted" not in f"{answer} {harness.lines}"


@pytest.mark.parametrize(("steps", "drained"), [([[said("Hello")], END], True), ([[said("Hello STOP it")]], False)])
def test_an_upstream_is_drained_where_it_has_ended_and_cut_where_we_stopped_it(steps: list[Any], drained: bool) -> None:
    upstream = FakeAnswer([*steps, Silence()])
    harness = Harness([upstream])
    answer = harness.stream(stop_sequences=["STOP"])
    assert answer.types()[-1] == "message_stop"
    assert upstream.closed == [drained]


def test_requests_of_one_environment_do_not_meet() -> None:
    """A hung-up request has nothing to do with the next one."""
    going = asyncio.Event()
    harness = Harness([Silence(), FakeAnswer([going, [said("Hello")], END])], ping_seconds=0.01)
    receive(harness.handle(stream=True), 1)
    response = streamed(harness)
    going.set()
    assert receive(response).types()[-1] == "message_stop"
    assert [each.settled for each in harness.ledger.reservations] == [[estimated(harness, 1)], [USED]]
