"""Which candidates are asked, in which order, until when, and what is kept of those that failed: nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from translator.anthropic.errors import ApiError, Fault, upstream_failure
from translator.anthropic.events import Usage

from tests.laws import text_of
from tests.loop import start
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import (
    END,
    ROLE,
    FakeAnswer,
    FakeLedger,
    Harness,
    Outcome,
    again,
    chunk,
    fine,
    receive,
    said,
)

USED = Usage(input_tokens=12, output_tokens=3)
STARTED = ["message_start", "ping"]
HELLO = [*STARTED, "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]


FAILURES: dict[str, Outcome] = {
    "cannot be reached": upstream_failure("the upstream cannot be reached", "overloaded_error"),
    "no route": upstream_failure("the upstream cannot be reached", "overloaded_error", reason="unreachable"),
    "timed out": upstream_failure("too late", "timeout_error", reason="timeout"),
    "401": FakeAnswer([], 401, body=b'{"error": {"message": "Incorrect API key"}}'),
    "403": FakeAnswer([], 403, body=b'{"error": {"message": "no"}}'),
    "404": FakeAnswer([], 404, body=b'{"error": {"message": "no such model"}}'),
    "429": FakeAnswer([], 429, body=b'{"error": {"message": "slow down"}}'),
    "500": FakeAnswer([], 500, body=b'{"error": {"message": "oh"}}'),
    "503": FakeAnswer([], 503, body=b"<html>"),
    "302": FakeAnswer([], 302),
    "no frame": FakeAnswer([]),
    "no finish": FakeAnswer([[ROLE]]),
    "error first": FakeAnswer([['{"error": {"message": "overloaded", "code": 503}}']]),
    "error after the role": FakeAnswer([[ROLE], ['{"error": {"message": "overloaded", "code": 503}}']]),
    "cut after the role": FakeAnswer([[ROLE], upstream_failure("the upstream closed the connection")]),
    "no JSON": FakeAnswer([["oops"]]),
    "JSON without an end to its depth": FakeAnswer([["[" * 100_000]]),
    "an error without an end to its depth": FakeAnswer([], 500, body=b"[" * 100_000),
    "unknown finish": FakeAnswer([[ROLE, chunk({}, "melted")], ["[DONE]"]]),
    "content and an error at once": FakeAnswer([[said("lost"), '{"error": {"message": "no", "code": 500}}']]),
}


CAME_TO = {
    "cannot be reached": "overloaded",
    "no route": "unreachable",
    "timed out": "timeout",
    "401": "account_refused",
    "403": "account_refused",
    "404": "not_found",
    "429": "rate_limited",
    "503": "overloaded",
    "error first": "overloaded",
    "error after the role": "overloaded",
}
"""Every other is an `upstream_error`."""


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", FAILURES)
def test_a_fault_of_the_upstream_leads_to_the_next_candidate(name: str, stream: bool) -> None:
    failed, answered = again(FAILURES[name]), fine()
    harness = Harness([failed, answered])
    answer = harness.ask(stream=stream)
    assert answer.status == 200
    if stream:
        assert answer.types() == HELLO
        assert text_of(answer.events()) == "Hello"
    else:
        assert answer.json()["content"] == [{"type": "text", "text": "Hello", "citations": None}]
    assert [call.url for call in harness.upstream.calls] == [
        "https://one.example.com/v1/chat/completions",
        "https://two.example.com/v1/chat/completions",
    ]
    assert [call.headers for call in harness.upstream.calls] == [
        {"authorization": "Bearer key-of-one"},
        {"authorization": "Bearer key-of-two"},
    ]
    assert [each.candidate for each in harness.ledger.reservations] == ["one/model", "two/model"]
    # An upstream that is given up may be at work, and is paid by estimate; whoever has refused is not.
    lost = Usage(input_tokens=int(harness.ledger.reservations[0].estimate.input_tokens), output_tokens=1)
    assert harness.ledger.settled() == [[lost if name == "timed out" else None], [USED]]
    assert (answer.headers["x-edgeway-model"], answer.headers["x-edgeway-attempts"]) == ("two/model", "2")
    (summary,) = harness.summaries()
    assert summary["tried"] == [
        {"model": "one/model", "outcome": CAME_TO.get(name, "upstream_error"), "took_ms": 0},
        {"model": "two/model", "outcome": "answered", "took_ms": 0},
    ]
    assert not isinstance(failed, FakeAnswer) or failed.closed == [False]
    assert answered.closed == [True]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [400, 405, 413, 422])
def test_a_fault_of_the_caller_is_told_at_once(status: int, stream: bool) -> None:
    harness = Harness([FakeAnswer([], status, body=b'{"error": {"message": "unknown model"}}')])
    answer = harness.ask(stream=stream)
    assert (answer.status, answer.json()["error"]["message"]) == (413 if status == 413 else 400, "unknown model")
    assert len(harness.upstream.calls) == 1
    assert harness.ledger.settled() == [[None]]


@pytest.mark.parametrize("stream", [False, True])
def test_when_all_have_failed_the_last_one_is_told(stream: bool) -> None:
    harness = Harness([again(FAILURES[name]) for name in ("429", "no finish", "503")])
    answer = harness.ask(stream=stream)
    assert (answer.status, answer.json()["error"]["type"]) == (529, "overloaded_error")
    assert harness.ledger.settled() == [[None], [None], [None]]
    assert (answer.headers["x-edgeway-model"], answer.headers["x-edgeway-attempts"]) == (
        "three/model",
        "3,one/model=rate_limited,two/model=upstream_error,three/model=overloaded",
    )
    (summary,) = harness.summaries()
    assert (summary["model"], summary["attempts"], summary["error_type"], summary["error_fault"]) == (
        "three/model",
        3,
        "overloaded_error",
        "upstream",
    )


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize(
    ("content", "tokens", "stream"),
    [(said("Hello"), 2, False), (said("Hello"), 2, True), (chunk({"reasoning_content": "Hm."}), 1, True)],
    ids=["text, whole", "text", "thinking"],
)
def test_once_a_block_has_begun_nobody_else_is_asked(content: str, tokens: int, stream: bool) -> None:
    harness = Harness([FakeAnswer([[ROLE], [content], upstream_failure("the upstream closed the connection")]), fine()])
    answer = harness.ask(stream=stream)
    if stream:
        assert answer.status == 200
        assert answer.types() == [*STARTED, "content_block_start", "content_block_delta", "error"]
        error = answer.events()[-1]
    else:
        assert answer.status == 500
        error = answer.json()
    assert (error["error"]["type"], error["error"]["message"]) == ("api_error", "the upstream closed the connection")
    assert len(harness.upstream.calls) == 1
    assert harness.summaries()[0]["tried"] == [{"model": "one/model", "outcome": "broke_off", "took_ms": 0}]
    (reservation,) = harness.ledger.reservations
    assert reservation.settled == [Usage(input_tokens=int(reservation.estimate.input_tokens), output_tokens=tokens)]


def test_of_a_whole_answer_a_thought_is_no_beginning() -> None:
    broken = FakeAnswer([[ROLE], [chunk({"reasoning_content": "Hm."})], upstream_failure("gone")])
    answer = Harness([broken, fine()]).ask()
    assert (answer.status, answer.headers["x-edgeway-model"]) == (200, "two/model")


def test_text_that_was_held_back_for_a_stop_sequence_is_gone_with_its_candidate() -> None:
    """The end of a failed answer releases held text into its emitter: the next answer needs another one."""
    harness = Harness([FakeAnswer([[said("STO")]]), fine()])
    answer = harness.stream(stop_sequences=["STOP"])
    assert answer.types() == HELLO
    assert text_of(answer.events()) == "Hello"


@pytest.mark.failure_mode(27)
def test_what_a_failed_candidate_counted_is_not_charged_for_the_next() -> None:
    counted = chunk({}, None, usage={"prompt_tokens": 9000, "completion_tokens": 9000})
    unmetered = FakeAnswer([[said("Hello")], [chunk({}, "stop"), "[DONE]"]])
    harness = Harness([FakeAnswer([[counted]]), unmetered])
    answer = harness.ask()
    estimate = int(harness.ledger.reservations[1].estimate.input_tokens)
    assert harness.ledger.settled() == [[None], [Usage(input_tokens=estimate, output_tokens=2)]]
    assert (answer.json()["usage"]["input_tokens"], answer.json()["usage"]["output_tokens"]) == (estimate, 2)


def test_a_stream_waits_for_content_while_another_candidate_could_still_answer() -> None:
    """Its head says who answers and which fields are lost with that one: a ping's time is for ever here."""
    failed = asyncio.Event()
    harness = Harness([FakeAnswer([[ROLE], failed, upstream_failure("gone")]), fine()])

    async def fail_soon() -> None:
        await asyncio.sleep(0.05)  # long after the first event, for a stream that begins with it
        failed.set()

    failing = start(fail_soon())
    answer = harness.stream()
    assert failing.done()
    assert (answer.headers["x-edgeway-model"], answer.headers["x-edgeway-attempts"]) == ("two/model", "2")
    assert answer.types() == HELLO


def test_a_message_that_was_started_for_one_candidate_goes_on_with_the_next() -> None:
    failed = asyncio.Event()
    harness = Harness([FakeAnswer([[ROLE], failed, upstream_failure("gone")]), fine()], ping_seconds=0.01)
    response = harness.handle(stream=True)
    assert not isinstance(response, dict)
    assert response.headers["x-edgeway-model"] == "one/model"  # which is all that was known by then
    failed.set()
    assert receive(response).types() == HELLO
    assert harness.ledger.settled() == [[None], [USED]]
    (summary,) = harness.summaries()
    assert (summary["model"], summary["attempts"]) == ("two/model", 2)


def test_when_all_have_failed_after_the_message_was_started_the_error_is_an_event() -> None:
    failed = asyncio.Event()
    failure = upstream_failure("gone", "overloaded_error")
    answers = [FakeAnswer([failure]), FakeAnswer([[ROLE], failed, failure])]
    harness = Harness(answers, providers=["one", "two"])
    response = harness.handle(stream=True)
    failed.set()
    answer = receive(response)
    assert answer.types() == ["message_start", "ping", "error"]
    assert answer.events()[-1]["error"]["type"] == "overloaded_error"


@pytest.mark.failure_mode(36)
def test_a_budget_that_does_not_hold_the_estimate_is_the_end() -> None:
    refusal = ApiError("billing_error", "spend limit reached", fault=Fault.CALLER, retry=False)
    harness = Harness([], ledger=FakeLedger(refusal=(0, refusal)))
    answer = harness.ask()
    assert (answer.status, answer.json()["error"]["type"]) == (402, "billing_error")
    assert answer.headers["x-should-retry"] == "false"
    assert harness.upstream.calls == []


@pytest.mark.failure_mode(37)
def test_a_budget_that_holds_one_attempt_only_is_the_end_after_it() -> None:
    refusal = ApiError("billing_error", "spend limit reached", fault=Fault.CALLER)
    harness = Harness([again(FAILURES["500"])], ledger=FakeLedger(refusal=(1, refusal)))
    assert harness.ask().status == 402
    assert harness.ledger.settled() == [[None]]


@pytest.mark.failure_mode(37)
def test_the_estimate_is_reserved() -> None:
    harness = Harness([fine()])
    harness.ask(max_tokens=77, messages=[{"role": "user", "content": "word " * 3000}])
    (reservation,) = harness.ledger.reservations
    assert reservation.estimate.max_tokens == 77
    assert 3000 < int(reservation.estimate.input_tokens) < 15_000


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (FakeAnswer([], 400, body=b'{"error": "unknown model"}'), "caller_error"),
        (ValueError("a bug"), "gateway_error"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
def test_an_attempt_that_nobody_follows_is_told_by_its_code(outcome: Outcome, told: str) -> None:
    harness = Harness([again(outcome)])
    try:
        answer = harness.ask()
    except asyncio.CancelledError:
        assert told == "cancelled"
    else:
        assert answer.headers["x-edgeway-attempts"] == f"1,one/model={told}"
    (summary,) = harness.summaries()
    assert summary["tried"] == [{"model": "one/model", "outcome": told, "took_ms": 0}]


def test_a_caller_who_hangs_up_leaves_a_cancelled_attempt() -> None:
    harness = Harness([FakeAnswer([[ROLE, said("Hello")], asyncio.Event()])])
    receive(harness.handle(stream=True), pieces=1)
    assert harness.summaries()[0]["tried"] == [{"model": "one/model", "outcome": "cancelled", "took_ms": 0}]


def test_a_refusal_that_is_corrected_is_an_attempt_of_its_own() -> None:
    refusal = b'{"error": {"message": "Unsupported parameter: temperature", "param": "temperature"}}'
    harness = Harness([FakeAnswer([], 400, body=refusal), fine()])
    assert harness.ask(temperature=0.5).headers["x-edgeway-attempts"] == "2"
    tried: object = harness.summaries()[0]["tried"]
    assert tried == [
        {"model": "one/model", "outcome": "correctable", "took_ms": 0},
        {"model": "one/model", "outcome": "answered", "took_ms": 0},
    ]


def test_the_time_of_each_attempt_is_told() -> None:
    clock = Clock(1000.0)

    class Slow(FakeAnswer):
        async def batches(self) -> Any:
            clock.now += 0.25
            yield [said("Hello")]
            clock.now += 5
            yield END

    harness = Harness([again(FAILURES["500"]), Slow([])], clock=clock)
    harness.ask()
    tried: object = harness.summaries()[0]["tried"]
    assert tried == [
        {"model": "one/model", "outcome": "upstream_error", "took_ms": 0},
        {"model": "two/model", "outcome": "answered", "took_ms": 250},
    ]
