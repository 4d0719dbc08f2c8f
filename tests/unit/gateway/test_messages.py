"""POST /v1/messages from the event to the bytes: when 200 is committed, how long it may take, what headers tell."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest
from gateway.messages import MARGIN_SECONDS, WHOLE_ANSWER_SECONDS
from streaming import StreamingResponse
from translator.anthropic.errors import ApiError, upstream_failure

from tests.laws import text_of
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import END, ROLE, Answer, FakeAnswer, Harness, Step, chunk, receive, said

VISIBLE = re.compile(r"[\x20-\x7e]*")


def fine(*before: Step) -> FakeAnswer:
    return FakeAnswer([*before, [ROLE, said("Hello")], END])


# ---- whole and streamed


def test_a_whole_answer() -> None:
    answer = Harness([fine()]).ask()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    message = answer.json()
    assert message.pop("usage")["output_tokens"] == 3
    assert message == {
        "id": "msg_000000000000000000000000",
        "type": "message",
        "role": "assistant",
        "model": "some-model",
        "content": [{"type": "text", "text": "Hello", "citations": None}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
    }


def test_a_streamed_answer() -> None:
    answer = Harness([fine()]).stream()
    assert answer.status == 200
    assert {name: answer.headers[name] for name in ("content-type", "cache-control", "x-accel-buffering")} == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
    }
    assert text_of(answer.events()) == "Hello"


@pytest.mark.parametrize("stream", [None, False])
def test_an_answer_is_a_stream_only_where_stream_is_true(stream: bool | None) -> None:
    assert Harness([fine()]).ask(stream=stream).json()["type"] == "message"


@pytest.mark.parametrize("stream", [False, True])
def test_headers_tell_how_a_request_was_served(stream: bool) -> None:
    headers = Harness([fine()]).ask(stream=stream, top_k=5, service_tier="flex").headers
    assert {name: value for name, value in headers.items() if name.startswith("x-") or name == "request-id"} == {
        "request-id": "req_11111111222233334444555555555555",
        "x-edgeway-cache": "off",
        "x-edgeway-attempts": "1",
        "x-edgeway-model": "one/model",
        "x-edgeway-dropped": "top_k,service_tier",
        **({"x-accel-buffering": "no"} if stream else {}),
    }


def test_every_batch_leaves_as_one_piece_when_it_arrives() -> None:
    harness = Harness([FakeAnswer([[ROLE, said("a"), said("b")], [said("c")], [], [said("d"), *END]])])
    response = harness.handle(stream=True)
    assert isinstance(response, StreamingResponse)
    pieces = [piece.count(b"event: ") for piece in response.body]
    assert pieces == [5, 1, 1, 3]  # start, ping, block, a, b; c; d; the three events of the end


def test_what_came_with_a_failure_is_sent_before_it() -> None:
    error = json.dumps({"error": {"message": "no", "code": 500}})
    harness = Harness([FakeAnswer([[said("a")], [said("b"), error]])])
    answer = harness.stream()
    assert (text_of(answer.events()), answer.types()[-1]) == ("ab", "error")


# ---- when 200 is committed


def first_piece(harness: Harness) -> tuple[StreamingResponse, bytes, Any]:
    response = harness.handle(stream=True)
    assert isinstance(response, StreamingResponse)
    pieces = iter(response.body)
    return response, next(pieces), pieces


@pytest.mark.failure_mode(12)
@pytest.mark.parametrize("silent_after", [[], [[ROLE]]], ids=["nothing", "the role"])
def test_a_message_starts_before_its_content(silent_after: list[Step]) -> None:
    """After the first event at once (a ping's time is for ever here), without one after a ping's time."""
    content = Event()
    harness = Harness(
        [FakeAnswer([*silent_after, content, [said("Hello")], END])], ping_seconds=600.0 if silent_after else 0.01
    )
    response, first, rest = first_piece(harness)
    assert (response.status, first.count(b"event: ")) == (200, 2)
    assert first.startswith(b"event: message_start\n")
    assert first.endswith(b'event: ping\ndata: {"type":"ping"}\n\n')
    assert response.keepalive == (harness.ping_seconds, b'event: ping\ndata: {"type":"ping"}\n\n')
    content.set()
    answer = Answer(200, {}, first + b"".join(rest))
    assert answer.types().count("message_start") == 1
    assert text_of(answer.events()) == "Hello"


@pytest.mark.failure_mode(13)
def test_what_fails_before_the_first_event_keeps_its_status() -> None:
    harness = Harness([FakeAnswer([], 429, {"retry-after": "7"}, b'{"error": {"message": "slow down"}}')] * 3)
    answer = harness.stream()
    assert (answer.status, answer.headers["retry-after"], answer.json()["error"]["type"]) == (
        429,
        "7",
        "rate_limit_error",
    )


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (upstream_failure("gone"), "api_error"),
        (ApiError("rate_limit_error", "slow down"), "rate_limit_error"),
        (RuntimeError("planted"), "api_error"),
    ],
)
def test_what_fails_after_a_pings_time_is_an_event(failure: Exception, kind: str) -> None:
    content = Event()
    harness = Harness([FakeAnswer([content, failure])], providers=["one"], ping_seconds=0.01)
    response, first, rest = first_piece(harness)
    content.set()
    answer = Answer(response.status, {}, first + b"".join(rest))
    assert answer.types() == ["message_start", "ping", "error"]
    error = answer.events()[-1]
    assert (error["error"]["type"], error["request_id"]) == (kind, "req_11111111222233334444555555555555")


def test_a_ping_and_the_first_event_at_the_same_moment_start_one_message() -> None:
    """The two threads race for the first event; whoever wins, the message starts once."""
    for _ in range(200):
        harness = Harness([FakeAnswer([[ROLE], [ROLE], [said("Hello")], END])], ping_seconds=0.0)
        assert text_of(harness.stream().events()) == "Hello"


# ---- how long it may take


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
        def batches(self) -> Any:
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


def test_nobody_is_asked_when_no_time_is_left() -> None:
    clock = Clock(1000.0)
    harness = Harness([taking(clock, 870.0, upstream_failure("late", "timeout_error"))], clock=clock)
    answer = harness.stream()
    assert (answer.status, len(harness.upstream.calls)) == (504, 1)
    assert answer.json()["error"]["message"] == "late"


@pytest.mark.parametrize("content", [[], [[said("Hello")]]], ids=["before content", "after content"])
def test_a_whole_answer_that_takes_too_long_says_to_stream(content: Sequence[Step]) -> None:
    clock = Clock(1000.0)
    late = upstream_failure("the upstream did not finish within 285 s", "timeout_error")

    class Slow(FakeAnswer):
        def batches(self) -> Any:
            yield from FakeAnswer(content).batches()
            clock.now += WHOLE_ANSWER_SECONDS
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


# ---- nothing to ask for


@pytest.mark.parametrize("stream", [False, True])
def test_no_tokens_are_had_without_an_upstream(stream: bool) -> None:
    harness = Harness([])
    answer = harness.ask(stream=stream, max_tokens=0)
    assert answer.status == 200
    if stream:
        assert answer.types() == ["message_start", "ping", "message_delta", "message_stop"]
        closing = answer.events()[2]
        stop_reason, usage = closing["delta"]["stop_reason"], closing["usage"]
    else:
        assert answer.json()["content"] == []
        stop_reason, usage = answer.json()["stop_reason"], answer.json()["usage"]
    assert (stop_reason, usage["output_tokens"]) == ("max_tokens", 0)
    assert usage["input_tokens"] > 0
    assert (harness.upstream.calls, harness.ledger.reservations) == ([], [])
    (summary,) = harness.summaries()
    assert (summary["stop_reason"], summary["input_tokens"]) == ("max_tokens", usage["input_tokens"])


# ---- bad requests


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The request body is not valid JSON."),
        ("planted", "The request body is not valid JSON."),
        ('{"planted": NaN}', "The request body is not valid JSON."),
        ('{"planted": -Infinity}', "The request body is not valid JSON."),
        ('{"planted": ' + "1" * 5000 + "}", "The request body is not valid JSON."),
        ("[]", "The request body must be a JSON object."),
        ('"planted"', "The request body must be a JSON object."),
        ("null", "The request body must be a JSON object."),
        ("[" * 100_000, "The request body is nested too deeply."),
        ("{}", "model: Field required"),
    ],
)
def test_a_body_that_is_no_request(body: str, message: str) -> None:
    harness = Harness([])
    answer = harness.ask(raw_body=body)
    assert (answer.status, answer.json()["error"]) == (400, {"type": "invalid_request_error", "message": message})
    assert "planted" not in str(harness.lines)


def nested(depth: int) -> str:
    return '{"a": ' * depth + "{}" + "}" * depth


# Every place of a request that may hold whatever the caller likes.
USER = '"messages": [{"role": "user", "content": "x"}]'
CALL = '{"type": "tool_use", "id": "1", "name": "t", "input": %s}'
BLOCK = '{"type": "mcp_tool_result", "tool_use_id": "1", "content": %s}'
DEEP = {
    "schema": USER + ', "tools": [{"name": "deep", "input_schema": %s}]',
    "call": '"messages": [{"role": "assistant", "content": [' + CALL + "]}]",
    "block": '"messages": [{"role": "user", "content": [' + BLOCK + "]}]",
    "unknown": USER + ', "unknown": %s',
}


@pytest.mark.parametrize("place", DEEP)
def test_what_is_nested_is_served_or_refused(place: str) -> None:
    outcomes = []
    for depth in (10, *range(100, 1100, 20), 100_000):
        body = '{"model": "m", "max_tokens": 9, ' + DEEP[place].replace("%s", nested(depth)) + "}"
        answer = Harness([fine()]).ask(raw_body=body)
        outcomes.append((answer.status, answer.json().get("error", {}).get("message")))
    served, refused = (200, None), (400, "The request body is nested too deeply.")
    assert set(outcomes) == {served, refused}
    assert outcomes == sorted(outcomes)


def test_a_base64_body_that_is_none() -> None:
    event = {"isBase64Encoded": True, "body": "!", "requestContext": {"authorizer": {"keyId": "key_1"}}}
    answer = receive(Harness([]).function.handle(event, seconds_left=900))
    assert (answer.status, answer.json()["error"]["message"]) == (400, "The request body is not valid JSON.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_base64_body(encoding: str) -> None:
    request = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "naïve 👩‍🚀"}]}
    body = base64.b64encode(json.dumps(request, ensure_ascii=False).encode(encoding)).decode()
    event = {"isBase64Encoded": True, "body": body, "requestContext": {"authorizer": {"keyId": "key_1"}}}
    harness = Harness([fine()])
    assert receive(harness.function.handle(event, seconds_left=900)).status == 200
    assert harness.upstream.calls[0].body["messages"][0]["content"] == "naïve 👩‍🚀"


def test_a_request_without_a_key_is_refused_and_logged() -> None:
    harness = Harness([])
    answer = receive(harness.function.handle({"body": "{}"}, seconds_left=900))
    assert (answer.status, answer.headers["x-should-retry"]) == (401, "false")
    (summary,) = harness.summaries()
    assert (summary["status"], summary["error_type"], summary["key_id"]) == (401, "authentication_error", None)


# ---- what callers may choose goes into no header


@pytest.mark.parametrize("text", ["gpt\r\nx-evil: 1", "模型", "a\x00b", "\ud83d", "x" * 5000, "e\u0301\u2028"])
def test_no_text_of_the_callers_breaks_a_header(text: str) -> None:
    harness = Harness([fine(), fine()], model=text)
    tools = [{"type": f"web_search_{text}", "name": f"tool {text}"}, {"type": text, "name": text}]
    for stream in (False, True):
        answer = harness.ask(model=text, tools=tools, stream=stream, speed=text, inference_geo=text)
        assert answer.status in (200, 400)  # half a character is none
        for name, value in answer.headers.items():
            assert VISIBLE.fullmatch(name + value), (name, value)
            assert len(value) <= 600
        assert set(answer.headers) <= {
            "content-type", "cache-control", "x-accel-buffering", "request-id", "server-timing",
            "x-edgeway-cache", "x-edgeway-attempts", "x-edgeway-model", "x-edgeway-dropped",
        }  # fmt: skip


# ---- the log


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
                "requested_model": "asked-for",
                "model": "one/model",
                "attempts": 1,
                "stream": True,
                "input_tokens": 12,
                "output_tokens": 3,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 0,
                "stop_reason": "end_turn",
                "dropped": ("top_k",),
                "error_type": None,
                "error_fault": None,
                "upstream_ms": 0.0,
                "first_event_ms": 0.0,
                "total_ms": 0.0,
            },
        )
    ]
    assert json.loads(json.dumps(harness.lines[0][1])) == {**harness.lines[0][1], "dropped": ["top_k"]}


def test_times_are_milliseconds_since_the_request_came() -> None:
    clock = Clock(1000.0)

    class Slow(FakeAnswer):
        def batches(self) -> Any:
            clock.now += 0.5
            yield [said("Hello")]
            clock.now += 0.25
            yield END

    harness = Harness([Slow([])], clock=clock)
    answer = harness.stream()
    (summary,) = harness.summaries()
    assert (summary["upstream_ms"], summary["first_event_ms"], summary["total_ms"]) == (500.0, 500.0, 750.0)
    assert answer.headers["server-timing"] == "edgeway;dur=0.0, upstream;dur=500.0"


def test_the_first_event_is_the_one_that_starts_the_message() -> None:
    clock, started = Clock(1000.0), Event()

    class Slow(FakeAnswer):
        def batches(self) -> Any:
            clock.now += 0.5
            yield [ROLE]
            assert started.wait(60)
            clock.now += 1.0
            yield [said("Hello"), *END]

    harness = Harness([Slow([])], clock=clock)
    response = harness.handle(stream=True)
    started.set()
    receive(response)
    (summary,) = harness.summaries()
    assert (summary["first_event_ms"], summary["upstream_ms"], summary["total_ms"]) == (500.0, 1500.0, 1500.0)


def test_a_model_name_of_any_length_is_logged_in_part() -> None:
    harness = Harness([fine()])
    harness.ask(model="x" * 100_000)
    assert len(str(harness.lines)) < 2_000


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


def test_thinking_is_left_out_where_the_caller_has_switched_it_off() -> None:
    thought = FakeAnswer([[chunk({"reasoning_content": "Hm."}), said("Hello")], END])
    for thinking, kinds in (
        (None, ["thinking", "text"]),
        ({"type": "disabled"}, ["text"]),
        ({"type": "between_tools"}, ["text"]),
        ({"type": "enabled", "budget_tokens": 1024, "display": "omitted"}, ["thinking", "text"]),
    ):
        content = Harness([FakeAnswer(thought.steps)]).ask(thinking=thinking).json()["content"]
        assert [block["type"] for block in content] == kinds
        shown = [block["thinking"] for block in content if block["type"] == "thinking"]
        assert shown == ([] if len(kinds) == 1 else [""] if thinking else ["Hm."])
