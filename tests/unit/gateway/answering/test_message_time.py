"""How long a request may take, all its attempts together, and what is said when it takes longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from gateway.routes.messages import MARGIN_SECONDS
from gateway.settings import WHOLE_ANSWER_SECONDS
from translator.anthropic.errors import upstream_failure

from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import ROLE, USAGE, FakeAnswer, Harness, Step, fine, said


@pytest.mark.parametrize(
    ("stream", "seconds_left", "total"),
    [
        (True, 900.0, 870.0),
        (True, 300.0, 300.0 - MARGIN_SECONDS),
        (True, 3.0, 0.0),
        (False, 900.0, WHOLE_ANSWER_SECONDS),
        (False, 60.0, 60.0 - MARGIN_SECONDS),
    ],
)
def test_an_upstream_has_the_time_that_the_invocation_has_left(stream: bool, seconds_left: float, total: float) -> None:
    harness = Harness([fine()], seconds_left=seconds_left)
    harness.ask(stream=stream)
    assert harness.upstream.calls[0].deadlines.total == total


def taking(clock: Clock, seconds: float, failure: BaseException) -> FakeAnswer:
    """An upstream that takes so long to fail."""

    class Slow(FakeAnswer):
        async def batches(self) -> Any:
            clock.now += seconds
            raise failure
            yield

    return Slow([])


def test_all_candidates_together_have_the_total() -> None:
    clock = Clock(1000.0)
    late = upstream_failure("the upstream did not go on within 120 s", "timeout_error")
    upstreams = [taking(clock, seconds, late) for seconds in (300.0, 500.0, 80.0)]
    harness = Harness(upstreams, clock=clock)
    answer = harness.stream()
    assert [call.deadlines.total for call in harness.upstream.calls] == [870.0, 570.0, 70.0]
    assert (answer.status, answer.json()["error"]["type"]) == (504, "timeout_error")


EARLY = pytest.mark.parametrize("early", [0.0, 0.02], ids=["on time", "a little early, as loops are"])


@EARLY
def test_nobody_is_asked_when_no_time_is_left(early: float) -> None:
    clock = Clock(1000.0)
    harness = Harness([taking(clock, 870.0 - early, upstream_failure("late", "timeout_error"))], clock=clock)
    answer = harness.stream()
    assert (answer.status, len(harness.upstream.calls)) == (504, 1)
    assert answer.json()["error"]["message"] == "late"


@EARLY
@pytest.mark.parametrize("content", [[], [[said("Hello")]]], ids=["before content", "after content"])
def test_a_whole_answer_that_takes_too_long_says_to_stream(content: Sequence[Step], early: float) -> None:
    clock = Clock(1000.0)
    late = upstream_failure("the upstream did not finish within 285 s", "timeout_error")

    class Slow(FakeAnswer):
        async def batches(self) -> Any:
            for step in content:
                yield step
            clock.now += WHOLE_ANSWER_SECONDS - early
            raise late

    answer = Harness([Slow([])], clock=clock).ask()
    assert (answer.status, answer.json()["error"]["type"]) == (504, "timeout_error")
    assert answer.headers["x-should-retry"] == "false"
    assert 'ask for a stream ("stream": true)' in answer.json()["error"]["message"]


def test_a_whole_answer_that_an_upstream_delays_does_not_say_so() -> None:
    clock = Clock(1000.0)
    late = upstream_failure("the upstream did not go on within 120 s", "timeout_error")
    answer = Harness([taking(clock, 120.0, late)], providers=["one"], clock=clock).ask()
    assert (answer.status, answer.json()["error"]["message"]) == (504, late.message)
    assert "x-should-retry" not in answer.headers


@pytest.mark.parametrize("usage", [[], [USAGE]], ids=["usage unknown", "usage known"])
def test_a_stream_that_lambda_would_cut_ends_before_that_and_is_settled(usage: list[str]) -> None:
    """At 870 of its 900 seconds; what the model had written by then is paid for."""
    clock = Clock(1000.0)
    late = upstream_failure("the upstream did not finish within 870 s", "timeout_error")

    class Endless(FakeAnswer):
        async def batches(self) -> Any:
            yield [ROLE, said("Once upon"), *usage]
            clock.now += 870.0
            raise late

    harness = Harness([Endless([])], clock=clock, seconds_left=900.0)
    answer = harness.stream()
    assert answer.types()[-1] == "error"
    assert answer.events()[-1]["error"] == {"type": "timeout_error", "message": late.message}
    ((settled,),) = harness.ledger.settled()
    assert settled is not None
    assert settled.output_tokens > 0
    assert harness.upstream.calls[0].deadlines.total == 870.0
