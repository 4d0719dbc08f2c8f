"""POST /v1/messages from the event to the bytes: whole and streamed, and when 200 is committed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from gateway.routing.key_pool import Secret
from gateway.routing.providers import ConfiguredProvider, Provider
from streaming import StreamingResponse
from translator.anthropic.errors import ApiError, upstream_failure
from translator.refusal.error_bodies import LONGEST_MESSAGE

from tests.laws import text_of
from tests.loop import run
from tests.unit.gateway.fakes import (
    END,
    ROLE,
    Answer,
    FakeAnswer,
    Harness,
    Silence,
    Step,
    chunk,
    fine,
    receive,
    said,
)


@pytest.mark.failure_mode(39)
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


def test_beta_has_answers_of_its_own() -> None:
    """Also those for which no upstream is asked."""
    search = {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}
    for asked in ({}, {"max_tokens": 0}, search):
        plain, beta = (
            Harness([fine()]).ask(headers=headers, **asked).json() for headers in ({}, {"Anthropic-Beta": "some-2099"})
        )
        assert set(beta) - set(plain) == {"context_management", "diagnostics"}
        assert set(beta["usage"]) - set(plain["usage"]) == {"fallback_credit", "iterations", "speed"}
        ends = [Harness([fine()]).stream(headers={"anthropic-beta": "x"}, **asked).events()[-2]]
        assert [end["context_management"] for end in ends] == [None]


@pytest.mark.failure_mode(39)
@pytest.mark.parametrize("stream", [None, False])
def test_an_answer_is_a_stream_only_where_stream_is_true(stream: bool | None) -> None:
    answer = Harness([fine()]).ask(stream=stream)
    assert (answer.json()["type"], answer.headers["content-type"]) == ("message", "application/json")


@pytest.mark.failure_mode(12)
@pytest.mark.parametrize("batches", [[], [[]] * 3], ids=["silence", "what is nothing to the caller"])
def test_silence_is_broken_by_pings(batches: list[Step]) -> None:
    harness = Harness([FakeAnswer([[said("a")], Silence(), *batches, Silence(), [said("b")], END])], ping_seconds=0.01)
    answer = harness.stream()
    assert answer.types() == [
        "message_start", "ping", "content_block_start", "content_block_delta", "ping", "ping",
        "content_block_delta", "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip


@pytest.mark.failure_mode(12)
def test_who_hears_something_needs_no_ping() -> None:
    harness = Harness([FakeAnswer([[said("a")], *[[said("b")]] * 50, END])], ping_seconds=600)
    assert harness.stream().types().count("ping") == 1


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
    pieces = [piece.count(b"event: ") for piece in run(pieces_of(response))]
    assert pieces == [5, 1, 1, 3]  # start, ping, block, a, b; c; d; the three events of the end


@pytest.mark.failure_mode(13)
def test_what_came_with_a_failure_is_sent_before_it() -> None:
    error = json.dumps({"error": {"message": "no", "code": 500}})
    harness = Harness([FakeAnswer([[said("a")], [said("b"), error]])])
    answer = harness.stream()
    assert (text_of(answer.events()), answer.types()[-1]) == ("ab", "error")


async def pieces_of(response: StreamingResponse) -> list[bytes]:
    return [piece async for piece in response.body]


def first_piece(harness: Harness) -> tuple[StreamingResponse, bytes]:
    response = harness.handle(stream=True)
    assert isinstance(response, StreamingResponse)

    async def first() -> bytes:
        return await anext(aiter(response.body))

    return response, run(first())


@pytest.mark.failure_mode(12)
@pytest.mark.parametrize("silent_after", [[], [[ROLE]]], ids=["nothing", "the role"])
def test_a_message_starts_before_its_content(silent_after: list[Step]) -> None:
    """After the first event at once (a ping's time is for ever here), without one after a ping's time."""
    content = asyncio.Event()
    harness = Harness(
        [FakeAnswer([*silent_after, content, [said("Hello")], END])],
        providers=["one"],
        ping_seconds=600.0 if silent_after else 0.01,
    )
    response, first = first_piece(harness)
    assert (response.status, first.count(b"event: ")) == (200, 2)
    assert first.startswith(b"event: message_start\n")
    assert first.endswith(b'event: ping\ndata: {"type":"ping"}\n\n')
    content.set()
    answer = Answer(200, {}, first + receive(response).body)
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


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (upstream_failure("gone"), "overloaded_error"),
        (ApiError("rate_limit_error", "slow down"), "rate_limit_error"),
        (RuntimeError("planted"), "api_error"),
    ],
)
def test_what_fails_after_a_pings_time_is_an_event(failure: Exception, kind: str) -> None:
    content = asyncio.Event()
    harness = Harness([FakeAnswer([content, failure])], providers=["one"], ping_seconds=0.01)
    response, first = first_piece(harness)
    content.set()
    answer = Answer(response.status, {}, first + receive(response).body)
    assert answer.types() == ["message_start", "ping", "error"]
    error = answer.events()[-1]
    assert (error["error"]["type"], error["request_id"]) == (kind, "req_11111111222233334444555555555555")


def test_a_ping_and_the_first_event_at_the_same_moment_start_one_message() -> None:
    """Whoever comes first, the message starts once."""
    for _ in range(200):
        harness = Harness([FakeAnswer([[ROLE], [ROLE], [said("Hello")], END])], ping_seconds=0.0)
        assert text_of(harness.stream().events()) == "Hello"


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


@pytest.mark.failure_mode(50)
@pytest.mark.parametrize("stream", [False, True])
def test_no_error_repeats_the_key_that_was_sent_with_the_request(stream: bool) -> None:
    """Whatever the key looks like, and wherever the upstream repeats it."""
    words = {"error": {"message": "Not with key-of-one here", "code": 400}}
    refused = FakeAnswer([], 400, body=json.dumps(words).encode())
    broken = FakeAnswer([[ROLE, said("Hel")], [json.dumps(words)]])
    for outcome in (refused, broken):
        body = Harness([outcome, outcome], providers=("one",)).ask(stream=stream).body.decode()
        assert "Not with [removed] here" in body
        assert "key-of-one" not in body


@pytest.mark.failure_mode(50)
@pytest.mark.parametrize("stream", [False, True])
def test_the_key_is_removed_before_an_error_is_cut(stream: bool) -> None:
    """A key at the cut would leave its beginning."""
    words = {"error": {"message": "x" * (LONGEST_MESSAGE - 5) + "key-of-one", "code": 400}}
    refused = FakeAnswer([], 400, body=json.dumps(words).encode())
    broken = FakeAnswer([[ROLE, said("Hel")], [json.dumps(words)]])
    for outcome in (refused, broken):
        body = Harness([outcome, outcome], providers=("one",)).ask(stream=stream).body.decode()
        assert "x[remo" in body
        assert "key-" not in body


def test_a_key_is_found_as_json_writes_it() -> None:
    local = ConfiguredProvider(Provider(id="local", name="Local"), "http://127.0.0.1:8000/v1", Secret('a/key"of/one'))
    for written in ('a/key"of/one', r"a/key\"of/one", r"a\/key\"of\/one"):
        assert local.without_key(f"no {written} here") == "no [removed] here"


@pytest.mark.parametrize(
    ("sequences", "said"),
    [
        (["x"] * 8_192, "stop_sequences: at most 8191 stop sequences are allowed"),
        (["x" * 4_097], "stop_sequences: each stop sequence has at most 4096 characters"),
    ],
)
def test_stop_sequences_are_limited(sequences: list[str], said: str) -> None:
    answer = Harness([]).ask(stop_sequences=sequences)
    assert (answer.status, answer.json()["error"]["message"]) == (400, said)


def test_a_key_that_is_a_word_stays_one() -> None:
    local = ConfiguredProvider(Provider(id="local", name="Local"), "http://127.0.0.1:8000/v1", Secret("none"))
    assert local.without_key("none of them") == "none of them"
    assert replace(local, key=None).without_key("none of them") == "none of them"
