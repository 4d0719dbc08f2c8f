"""A candidate that speaks the Messages API: bytes go through both ways, but for what the gateway has to change."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.money.estimates import Estimate
from gateway.money.unseen import TOKENS_OF_A_DOCUMENT
from gateway.routing.resolve import Candidate
from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Usage, new_message

from tests.laws import decode
from tests.unit.gateway.fakes import (
    FakeAnswer,
    FakeLedger,
    FakeReservation,
    Harness,
    Silence,
    Step,
    chunk,
    fine,
    receive,
)


def event(kind: str, **more: Any) -> str:
    """An event with spaces where we would write none."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n"


USAGE = {"input_tokens": 3, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 40, "output_tokens": 1}
FIRST = new_message(
    message_id="msg_claude", model="claude", usage=Usage(input_tokens=3, output_tokens=1), service_tier=""
)
START = event("message_start", message={**FIRST, "usage": {**FIRST["usage"], **USAGE}, "tomorrow": [1]})
PING = event("ping")
BEGIN = event("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""})
DELTA = event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hé"})
STOP = event("content_block_stop", index=0)
END = event(
    "message_delta",
    delta={"stop_reason": "tool_use", "stop_sequence": None, "stop_details": None},
    usage={"output_tokens": 17},
)
OVER = event("message_stop")
OVERLOADED = event("error", error={"type": "overloaded_error", "message": "Overloaded"}, request_id="req_claude")
WHOLE = [START, PING, BEGIN, DELTA, STOP, END, OVER]
USED = Usage(input_tokens=3, output_tokens=17, cache_read_input_tokens=900, cache_creation_input_tokens=40)
MESSAGE = (
    '{ "type": "message", "stop_reason": "end_turn",\n "content": [], "é": "\U0001f600", "usage": '
    f"{json.dumps(USAGE)} }}"
)


def native(*answers: Any, providers: tuple[str, ...] = ("one",), **more: Any) -> Harness:
    return Harness(list(answers), providers=providers, natives=more.pop("natives", providers), **more)


def playing(*events: str) -> FakeAnswer:
    """Each event by itself."""
    return FakeAnswer([[each] for each in events], headers={"request-id": "req_claude", "anthropic-ratelimit-x": "9"})


def test_a_stream_goes_through_as_it_comes() -> None:
    harness = native(playing(*WHOLE))
    answer = harness.stream()
    assert answer.body.decode() == "".join(WHOLE)
    assert harness.ledger.settled() == [[USED]]
    assert answer.headers["x-edgeway-upstream-request-id"] == "req_claude"
    assert "anthropic-ratelimit-x" not in answer.headers
    assert harness.summaries()[0]["stop_reason"] == "tool_use"
    assert harness.upstream.calls[0].url == "https://one.example.com/v1/messages"


def test_a_whole_answer_is_asked_for_whole_and_goes_through() -> None:
    harness = native(FakeAnswer([[MESSAGE]]))
    answer = harness.ask()
    assert answer.body.decode() == MESSAGE
    assert harness.ledger.settled() == [
        [Usage(input_tokens=3, output_tokens=1, cache_read_input_tokens=900, cache_creation_input_tokens=40)]
    ]
    assert "stream" not in harness.upstream.calls[0].body


BODY = (
    '{ "messages" : [{"role":"user", "content":"caf\\u00e9 é 1.0e2"}],"max_tokens":1e1,\n"model":%s,"new":{"a":[1.50]}}'
)


@pytest.mark.parametrize(("asked", "sent"), [("some-model", "model"), ("model", "model")])
def test_the_body_goes_through_but_for_the_model(asked: str, sent: str) -> None:
    harness = native(FakeAnswer([[MESSAGE]]))
    assert harness.ask(raw_body=BODY % f'"{asked}"').status == 200
    assert harness.upstream.calls[0].raw.decode() == BODY % f'"{sent}"'


def test_half_a_character_does_not_spoil_the_body() -> None:
    harness = native(FakeAnswer([[MESSAGE]]))
    harness.ask(raw_body='{"model": "model", "a": "\\ud83d \\ud83d\\ude00 \\\\ud83d", "b": "\ud83d"}')
    assert harness.upstream.calls[0].raw.decode() == (
        '{"model": "model", "a": "\\ufffd \\ud83d\\ude00 \\\\ud83d", "b": "\ufffd"}'
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"model": "a", "mod\\u0065l": "b"}', "The request body holds a name twice."),
        ('{"model": "a"} {}', "The request body is not valid JSON: Extra data: line 1 column 16 (char 15)"),
        ('{"model": "a"', "The request body is not valid JSON: Expecting ',' delimiter: line 1 column 14 (char 13)"),
        ("[1]", "The request body must be a JSON object."),
        ('{"a": 1}', "model: Field required"),
        ('{"model": "a", "stream": "maybe"}', "messages: Field required"),
    ],
)
def test_what_cannot_be_routed_is_refused(body: str, words: str) -> None:
    harness = native()
    answer = harness.ask(raw_body=body)
    assert (answer.status, answer.json()["error"]["message"]) == (400, words)


def test_of_the_headers_only_the_version_and_the_betas_go_on() -> None:
    headers = {
        "Anthropic-Version": "2026-10-21",
        "Anthropic-Beta": "a,b",
        "anthropic-workspace-id": "w",
        "x-api-key": "ew_caller",
        "Authorization": "Bearer ew_caller",
        "Cookie": "c",
        "x-forwarded-for": "1.2.3.4",
        "anthropic-dangerous-direct-browser-access": "true",
    }
    harness = native(FakeAnswer([[MESSAGE]]), FakeAnswer([[MESSAGE]]))
    harness.ask(headers=headers, query={"beta": "true", "x": "1"})
    harness.ask()
    first, second = harness.upstream.calls
    assert first.headers == {"anthropic-version": "2026-10-21", "anthropic-beta": "a,b", "x-api-key": "key-of-one"}
    assert first.url == "https://one.example.com/v1/messages?beta=true"
    assert second.headers == {"anthropic-version": "2023-06-01", "x-api-key": "key-of-one"}


REFUSAL = (
    b'{ "type": "error", "error": {"type": "tomorrows_error", "message": "prompt is too long"}, "request_id": "r" }'
)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("status", "told"), [(400, 400), (413, 413), (429, 429), (529, 529), (418, 418), (404, 404)])
def test_an_error_goes_through(status: int, told: int, stream: bool) -> None:
    headers = {"retry-after": "7", "x-should-retry": "false", "anthropic-ratelimit-requests-limit": "50", "server": "s"}
    answer = native(FakeAnswer([], status, headers, REFUSAL)).ask(stream=stream)
    assert (answer.status, answer.body) == (told, REFUSAL)
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("7", "false")
    assert {"anthropic-ratelimit-requests-limit", "server"}.isdisjoint(answer.headers)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, REFUSAL),
        (403, REFUSAL),
        (402, b""),
        (400, b'{"error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access"}}'),
    ],
)
def test_the_operators_account_is_not_the_callers_concern(status: int, body: bytes) -> None:
    answer = native(FakeAnswer([], status, body=body)).ask()
    assert answer.status == 500
    assert answer.json()["error"]["message"] == f"the upstream refused this gateway's own account (status {status})"


@pytest.mark.parametrize(("status", "told"), [(400, 400), (502, 500), (529, 529), (451, 400)])
@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000, b"[]", b'{"error": "no"}', b"\xff"])
def test_what_is_no_error_of_the_api_is_told_in_our_words(status: int, told: int, body: bytes) -> None:
    answer = native(FakeAnswer([], status, body=body)).ask()
    assert answer.status == told
    assert answer.json()["error"]["message"] == f"the upstream answered with status {status} and no JSON"


def test_the_providers_key_is_taken_out_of_an_error() -> None:
    body = b'{"error": {"type": "api_error", "message": "bad key-of-one"}}'
    answer = native(FakeAnswer([], 500, body=body)).ask()
    assert answer.body == body.replace(b"key-of-one", b"[removed]")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("failed", [[], [[START]], [[START, PING], [OVERLOADED]]])
def test_where_nothing_was_said_another_candidate_answers(failed: list[Step], stream: bool) -> None:
    """From the caller's API to another one, and nothing of the first shows."""
    harness = native(FakeAnswer(failed), fine(), providers=("one", "two"), natives=("one",))
    answer = harness.ask(stream=stream)
    assert answer.status == 200
    assert answer.headers["x-edgeway-model"] == "two/model"
    if stream:
        assert answer.events()[0]["message"]["id"].startswith("msg_0")
    else:
        assert answer.json()["content"][0]["text"] == "Hello"


@pytest.mark.parametrize("stream", [False, True])
def test_and_the_other_way_round(stream: bool) -> None:
    failed = FakeAnswer([[chunk({"role": "assistant"})], upstream_failure("gone")])
    harness = native(
        failed, playing(*WHOLE) if stream else FakeAnswer([[MESSAGE]]), providers=("one", "two"), natives=("two",)
    )
    assert harness.ask(stream=stream).body.decode() == ("".join(WHOLE) if stream else MESSAGE)


def test_what_was_started_for_another_is_not_started_again() -> None:
    """Our own `message_start` went out in a silence: the upstream's would be the second."""
    slow = FakeAnswer([Silence(), upstream_failure("gone")])
    harness = native(slow, playing(*WHOLE), providers=("one", "two"), natives=("two",), ping_seconds=0.01)
    slow.alarm.due = time.monotonic() + 0.2
    answer = harness.stream()
    assert decode(answer.body)[0]["message"]["id"].startswith("msg_0")
    assert answer.body.decode().endswith("".join(WHOLE[1:]))
    assert answer.body.decode().count("message_start") == 2  # the name and the type of ours


def test_nothing_is_sent_before_the_upstream_has_begun() -> None:
    """However long it is silent: our own beginning could not have its id and its counts."""
    answer = FakeAnswer([Silence(), [START], Silence(), *([each] for each in WHOLE[1:])])
    answer.alarm.due = time.monotonic() + 0.1
    harness = native(answer, ping_seconds=0.01)
    assert harness.stream().body.decode().startswith(START)


def test_pings_stand_between_events() -> None:
    harness = native(FakeAnswer([[START, BEGIN], Silence(), [DELTA], [STOP, END, OVER]]), ping_seconds=0.01)
    body = harness.stream().body.decode()
    ours = 'event: ping\ndata: {"type":"ping"}\n\n'
    assert body == START + BEGIN + ours + DELTA + STOP + END + OVER


def test_an_error_among_the_events_goes_through_and_is_logged() -> None:
    harness = native(playing(START, BEGIN, DELTA, OVERLOADED))
    answer = harness.stream()
    assert answer.body.decode() == START + BEGIN + DELTA + OVERLOADED
    assert harness.summaries()[0]["error_type"] == "overloaded_error"
    ((usage,),) = harness.ledger.settled()
    assert usage == replace(USED, output_tokens=2)


def test_an_error_before_all_others_is_answered_as_one() -> None:
    answer = native(playing(OVERLOADED)).stream()
    assert (answer.status, answer.json()["error"]["message"]) == (529, "Overloaded")


@pytest.mark.parametrize("ending", [[], [upstream_failure("the upstream closed the connection")]])
def test_a_stream_that_is_cut_says_so(ending: list[Step]) -> None:
    harness = native(FakeAnswer([[START, BEGIN, DELTA], *ending]))
    answer = harness.stream()
    assert answer.types()[-1] == "error"
    assert harness.summaries()[0]["error_type"] == "api_error"


def test_a_stream_that_is_cut_after_its_start_is_asked_for_once_more() -> None:
    """Clients do so for this type alone, where nothing has been said."""
    answer = native(FakeAnswer([[START]])).stream()
    assert answer.events()[-1]["error"]["type"] == "overloaded_error"


def test_an_end_that_only_lacks_its_last_event_gets_it() -> None:
    answer = native(playing(*WHOLE[:-1])).stream()
    assert [each["type"] for each in decode(answer.body)][-2:] == ["message_delta", "message_stop"]


@pytest.mark.parametrize(
    ("frames", "stream", "words"),
    [
        ([MESSAGE], True, "the upstream answered with a whole message where a stream was asked for"),
        (["event: message_start\ndata: {\n\n"], True, "the upstream sent what is no JSON"),
        (["data: [1]\n\n"], True, "the upstream sent what is no JSON object"),
        ([START], False, "the upstream sent what is no JSON"),
        (['{"type": "other"}'], False, "the upstream's answer is no message"),
        ([], False, "the upstream closed the connection before the answer was complete"),
        (['{"type": "error", "error": {"type": "api_error", "message": "oh"}}'], False, "oh"),
        (['{"type": "error"}'], False, "the upstream gave no reason for its error"),
    ],
)
def test_what_is_no_answer_is_a_failure(frames: list[str], stream: bool, words: str) -> None:
    answer = native(FakeAnswer([frames])).ask(stream=stream)
    assert (answer.status, answer.json()["error"]["message"]) == (500, words)


def test_events_are_known_by_their_data_where_they_have_no_name() -> None:
    """And a comment, an event of tomorrow's and one whose counts are no numbers go through."""
    odd = [
        ": comment\n\n",
        *(each.partition("\n")[2] for each in (START, PING, BEGIN, DELTA, STOP)),
        event("tomorrows_event", a=1),
        event("tomorrows_event", a=1).partition("\n")[2],
        'data: {"type": "message_delta", "delta": {"stop_reason": null}, "usage": {"output_tokens": true}}\n\n',
        (
            'data: {"type": "message_delta", "delta": {"stop_reason": "end_turn"},\ndata: "usage": {"output_tokens": 5,'
            ' "output_tokens_details": {"thinking_tokens": 2}, "server_tool_use": {"web_search_requests": 1}}}\n\n'
        ),
        OVER.partition("\n")[2],
        "data: after the end\n\n",
    ]
    harness = native(FakeAnswer([odd]))
    assert harness.stream().body.decode() == "".join(odd[:-1])
    ((usage,),) = harness.ledger.settled()
    assert (usage.output_tokens, usage.thinking_tokens, usage.web_search_requests) == (5, 2, 1) if usage else False


def test_what_was_written_before_a_cut_is_estimated() -> None:
    start = event("message_start", message={})
    long = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "word " * 200})
    harness = native(playing(start, BEGIN, long, OVERLOADED))
    harness.stream()
    ((usage,),) = harness.ledger.settled()
    assert usage is not None
    assert 150 < usage.output_tokens < 300
    assert usage.input_tokens > 10


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"container": "c"}, 400, "container: a container belongs to"),
        ({"container": {"id": "c"}}, 400, "container: a container belongs to"),
        ({"container": {"skills": []}}, 200, ""),
        ({"thread": {"type": "continue", "id": "t"}}, 404, "thread: this gateway keeps none"),
        ({"thread": {"type": "create"}}, 200, ""),
        ({"messages": [{"content": [{"source": {"type": "file", "file_id": "f"}}]}]}, 400, "messages: a file belongs"),
        ({"messages": [{"content": [{"type": "container_upload"}]}]}, 400, "messages: a file belongs"),
        ({"messages": [{"content": [{"input": {"source": {"type": "file"}}}]}]}, 200, ""),
    ],
)
def test_what_may_be_another_callers_is_refused(changes: dict[str, Any], status: int, words: str) -> None:
    answer = native(FakeAnswer([[MESSAGE]])).ask(**changes)
    assert answer.status == status
    assert status == 200 or answer.json()["error"]["message"].startswith(words)


class OneTenant(Harness):
    """The operator says that all keys are one tenant."""

    async def _route(self, _model: str, _key: KeyRecord) -> list[Candidate]:
        return [replace(each, one_tenant=True) for each in await super()._route(_model, _key)]


def test_what_is_anothers_goes_through_where_all_keys_are_one_tenant() -> None:
    harness = OneTenant([FakeAnswer([[MESSAGE]])], providers=("one",), natives=("one",))
    file = {"type": "document", "source": {"type": "file", "file_id": "f"}}
    changes: dict[str, Any] = {"messages": [{"role": "user", "content": [file]}], "container": {"id": "c"}}
    assert harness.ask(**changes).status == 200
    assert {name: harness.upstream.calls[0].body[name] for name in changes} == changes


def test_a_file_is_found_however_its_type_is_written() -> None:
    body = '{"model": "m", "messages": [{"content": [{"source": {"type": "f\\u0069le"}}]}]}'
    assert native().ask(raw_body=body).status == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"fallbacks": [{"model": "dear"}]},
        {"fallbacks": "default"},
        {"tools": [{"type": "advisor_20260301", "name": "advisor", "model": "dear"}]},
        {
            "messages": [
                {
                    "role": "system",
                    "content": [
                        {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"model": "dear"}}}
                    ],
                }
            ]
        },
    ],
)
def test_a_model_inside_must_be_allowed_for_the_key(changes: dict[str, Any]) -> None:
    harness = native(FakeAnswer([[MESSAGE]]), FakeAnswer([[MESSAGE]]))
    assert harness.ask(**changes).status == 200
    harness.context = {"allowedModels": "model\nsome-model\ncheap"}
    answer = harness.ask(**changes)
    assert (answer.status, answer.json()["error"]["type"]) == (403, "permission_error")
    assert harness.ask(fallbacks=[{"model": "cheap"}], tools=[{"name": "a"}, 1]).status == 200


class Counting(FakeLedger):
    """Wants to know what each request may cost."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: list[int] = []

    async def reserve(self, key: KeyRecord, candidate: Candidate, estimate: Estimate) -> FakeReservation:
        self.counted.append(int(estimate.input_tokens))
        return await super().reserve(key, candidate, estimate)


def test_a_request_that_our_classes_do_not_understand_goes_through() -> None:
    """Unknown blocks and fields are the upstream's to judge; what it costs is estimated."""
    ledger = Counting()
    harness = native(FakeAnswer([[MESSAGE]]), ledger=ledger)
    answer = harness.ask(messages=[{"role": "robot", "content": [{"type": "tomorrow"}]}], max_tokens="many")
    assert answer.status == 200
    assert (ledger.counted[0] > 20, ledger.reservations[0].estimate.max_tokens) == (True, 0)


def test_a_request_that_our_classes_understand_is_estimated_by_them() -> None:
    ledger = Counting()
    harness = native(FakeAnswer([[MESSAGE]]), ledger=ledger)
    harness.ask()
    assert (ledger.counted, ledger.reservations[0].estimate.max_tokens) == ([7], 100)


def test_a_hang_up_is_settled() -> None:
    harness = native(playing(*WHOLE))
    receive(harness.handle(stream=True), pieces=1)
    ((usage,),) = harness.ledger.settled()
    assert usage is not None


@pytest.mark.failure_mode(37)
@pytest.mark.parametrize("limit", [-1_000_000, -1, "90", 90.0, True, None, [90]])
def test_an_answer_without_a_limit_is_refused_to_a_key_with_a_budget(limit: Any) -> None:
    harness = native(playing(*WHOLE), context={"budget_day": "1000"})
    answer = harness.stream(max_tokens=limit)
    told = (answer.status, answer.json()["error"]["message"])
    assert told == (400, "max_tokens: must be a whole number, 0 or more: this key has a budget")
    assert (harness.upstream.calls, harness.ledger.reservations) == ([], [])


def test_without_a_budget_the_upstream_judges_the_limit() -> None:
    harness = native(playing(*WHOLE))
    assert harness.stream(max_tokens=-1).status == 200
    (reservation,) = harness.ledger.reservations
    assert (reservation.estimate.max_tokens, reservation.estimate.unseen_tokens) == (0, 0)


@pytest.mark.failure_mode(37)
def test_what_a_document_may_hold_is_set_aside_for_a_key_with_a_budget() -> None:
    content = [{"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}]
    messages = [{"role": "user", "content": content}]
    harness = native(playing(*WHOLE), playing(*WHOLE), context={"budget_day": "1000"})
    harness.stream(messages=messages)
    harness.stream()
    assert [each.estimate.unseen_tokens for each in harness.ledger.reservations] == [TOKENS_OF_A_DOCUMENT, 0]
