"""The line that is logged of a request, and what is logged of an error that nobody expected."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import END, NOW, ROLE, FakeAnswer, Harness, again, fine, receive, said


def test_the_line_of_a_request() -> None:
    harness = Harness([fine()])
    harness.stream(model="asked-for", top_k=5)
    assert harness.lines == [
        (
            "request",
            {
                "request_id": "req_11111111222233334444555555555555",
                "status": 200,
                "key_id": "key_1",
                "owner": "",
                "session": "",
                "agent": "",
                "parent_agent": "",
                "client": "",
                "requested_model": "asked-for",
                "model": "one/model",
                "route": None,
                "left_cache": None,
                "cache": "off",
                "attempts": 1,
                "tried": [{"model": "one/model", "outcome": "answered", "took_ms": 0}],
                "upstream_authentication_failures": 0,
                "stream": True,
                "input_tokens": 12,
                "output_tokens": 3,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 0,
                "thinking_tokens": None,
                "cost_micro_dollars": None,
                "cost_is_estimate": False,
                "stop_reason": "end_turn",
                "dropped": ("top_k",),
                "error_type": None,
                "error_fault": None,
                "error_reason": None,
                "error_outer": None,
                "upstream_ms": 0.0,
                "first_event_ms": 0.0,
                "total_ms": 0.0,
            },
        )
    ]
    assert json.loads(json.dumps(harness.lines[0][1])) == {**harness.lines[0][1], "dropped": ["top_k"]}


@pytest.mark.parametrize(("stream", "waited"), [(True, 500.0), (False, 750.0)], ids=["streamed", "whole"])
def test_times_are_milliseconds_since_the_request_came(stream: bool, waited: float) -> None:
    """A whole answer has its headers when the upstream has sent all of it, and all of that is the upstream's time."""
    clock = Clock(1000.0)

    class Slow(FakeAnswer):
        async def batches(self) -> Any:
            clock.now += 0.5
            yield [said("Hello")]
            clock.now += 0.25
            yield END

    harness = Harness([Slow([])], clock=clock)
    answer = harness.stream() if stream else harness.ask()
    (summary,) = harness.summaries()
    assert (summary["upstream_ms"], summary["first_event_ms"], summary["total_ms"]) == (500.0, 500.0, 750.0)
    assert answer.headers["server-timing"] == f"edgeway;dur=0.0, upstream;dur={waited}"


def test_the_first_event_is_the_one_that_starts_the_message() -> None:
    clock, started = Clock(1000.0), asyncio.Event()

    class Slow(FakeAnswer):
        async def batches(self) -> Any:
            clock.now += 0.5
            yield [ROLE]
            await started.wait()
            clock.now += 1.0
            yield [said("Hello"), *END]

    harness = Harness([Slow([])], providers=["one"], clock=clock)
    response = harness.handle(stream=True)
    started.set()
    receive(response)
    (summary,) = harness.summaries()
    assert (summary["first_event_ms"], summary["upstream_ms"], summary["total_ms"]) == (500.0, 1500.0, 1500.0)


def test_a_model_name_of_any_length_is_logged_in_part() -> None:
    harness = Harness([fine()])
    harness.ask(model="x" * 100_000)
    assert len(str(harness.lines)) < 2_000


@pytest.mark.failure_mode(50)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("where", ["route", "encode", "upstream", "reader", "late"])
def test_what_nobody_expected_is_told_to_nobody(where: str, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = ValueError("planted secret")

    def fail(*_: object, **__: object) -> Any:
        raise bug

    upstream: list[FakeAnswer | BaseException] = [fine()]
    harness = Harness(upstream)
    match where:
        case "route":
            monkeypatch.setattr("tests.unit.gateway.fakes.candidate", fail)
        case "upstream":
            upstream[0] = bug
        case "late":
            upstream[0] = FakeAnswer([[said("Hello")], bug])
        case method:
            monkeypatch.setattr(harness.dialect, method, fail)
    answer = harness.ask(stream=stream)
    is_event = stream and where == "late"
    assert answer.status == (200 if is_event else 500)
    error = answer.events()[-1] if is_event else answer.json()
    assert error == {
        "type": "error",
        "error": {"type": "api_error", "message": "Internal server error"},
        "request_id": "req_11111111222233334444555555555555",
    }
    assert "planted" not in f"{answer!r} {harness.lines!r}"
    (unexpected,) = [fields for message, fields in harness.lines if message == "unexpected error"]
    assert unexpected["error"] == "ValueError"
    assert str(unexpected["where"]).count(".py:") >= 1
    (summary,) = harness.summaries()
    assert (summary["error_type"], summary["error_fault"]) == ("api_error", "gateway")


@pytest.mark.parametrize(
    "outcome",
    [fine(), FakeAnswer([], 400, body=b'{"error": "unknown model"}'), FakeAnswer([[said("Hello")], ValueError()])],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_log_that_fails_takes_no_answer_away(outcome: FakeAnswer, *, stream: bool) -> None:
    def fail(_message: str, _fields: dict[str, object]) -> None:
        raise OSError("no space left")

    failing = Harness([again(outcome)], providers=["one"], log=fail)
    assert failing.ask(stream=stream) == Harness([again(outcome)], providers=["one"]).ask(stream=stream)


@pytest.mark.parametrize("outcome", [fine(), FakeAnswer([], 400, body=b'{"error": "unknown model"}')])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_headers_that_cannot_be_made_take_no_answer_away(outcome: FakeAnswer, *, stream: bool) -> None:
    """By a clock that is out of all years: nothing that an upstream sends is known to do it."""
    outcome.headers = {"x-ratelimit-reset-tokens": "1s"}
    beyond, plain = (Harness([again(outcome)], providers=["one"], now=now) for now in (1e15, NOW))
    spoilt, answer = beyond.ask(stream=stream), plain.ask(stream=stream)
    assert (spoilt.status, spoilt.body) == (answer.status, answer.body)
    kept = {"content-type", "cache-control", "x-accel-buffering", "request-id"}
    assert spoilt.headers == {name: value for name, value in answer.headers.items() if name in kept}
    ((message, fields), *_) = beyond.lines
    assert (message, fields["error"]) == ("failed beside an answer", "ValueError")
