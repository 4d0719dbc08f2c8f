"""A candidate that says what it cannot take is asked once more without it, and the next request is right at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Usage
from translator.learned_traits import LearnedTraits

from tests.laws import text_of
from tests.unit.gateway.fakes import ROLE, FakeAnswer, FakeMemory, Harness, Outcome, fine, receive, said

USED = Usage(input_tokens=12, output_tokens=3)


def refusal(message: str, status: int = 400, **more: Any) -> FakeAnswer:
    return FakeAnswer([], status, body=json.dumps({"error": {"message": message, **more}}).encode())


def no(name: str) -> FakeAnswer:
    return refusal(f"Unsupported parameter: '{name}' is not supported with this model.", param=name)


def bodies(harness: Harness) -> list[dict[str, Any]]:
    return [call.body for call in harness.upstream.calls]


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize("stream", [False, True])
def test_it_is_asked_again_without_what_it_refuses_and_with_all_the_rest(stream: bool) -> None:
    refused, answered = no("temperature"), fine()
    harness = Harness([refused, answered])
    answer = harness.ask(stream=stream, temperature=0.5, top_p=0.9)
    assert answer.status == 200
    first, second = bodies(harness)
    assert first == {**second, "temperature": 0.5}
    assert "temperature" not in second
    assert {call.url for call in harness.upstream.calls} == {"https://one.example.com/v1/chat/completions"}
    headers = ("x-edgeway-model", "x-edgeway-attempts", "x-edgeway-dropped")
    assert [answer.headers[name] for name in headers] == ["one/model", "2", "temperature"]
    assert harness.ledger.settled() == [[USED]]
    assert (refused.closed, answered.closed) == ([False], [True])


@pytest.mark.failure_mode(35)
def test_the_next_request_is_right_at_once() -> None:
    harness = Harness([no("temperature"), fine(), fine()])
    harness.ask(temperature=0.5)
    answer = harness.ask(temperature=0.5)
    assert bodies(harness)[1] == bodies(harness)[2]
    assert (answer.headers["x-edgeway-attempts"], answer.headers["x-edgeway-dropped"]) == ("1", "temperature")
    assert harness.memory == FakeMemory({"one/model": LearnedTraits({"refused_fields": ("temperature",)})})


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_within_a_stream_is_corrected_too(stream: bool) -> None:
    frame = json.dumps({"error": {"message": "temperature is not supported", "code": 400}})
    harness = Harness([FakeAnswer([[ROLE], [frame]]), fine()])
    answer = harness.ask(stream=stream, temperature=0.5)
    assert answer.status == 200
    assert len(bodies(harness)) == 2
    if stream:
        assert text_of(answer.events()) == "Hello"


def test_a_message_that_has_been_started_goes_on_with_the_corrected_request() -> None:
    frame = json.dumps({"error": {"message": "temperature is not supported", "code": 400}})
    started = asyncio.Event()
    harness = Harness([FakeAnswer([[ROLE], started, [frame]]), fine()], providers=["one"])
    response = harness.handle(stream=True, temperature=0.5)
    started.set()
    sent = receive(response).body
    assert sent.count(b"event: message_start") == 1
    assert sent.endswith(b'{"type":"message_stop"}\n\n')


@pytest.mark.failure_mode(35)
def test_one_refusal_after_the_other_is_corrected() -> None:
    harness = Harness([no("temperature"), no("top_p"), fine(), fine()])
    answer = harness.ask(temperature=0.5, top_p=0.9)
    assert answer.status == 200
    assert harness.ask(temperature=0.5, top_p=0.9).status == 200
    assert [sorted({"temperature", "top_p"} & set(body)) for body in bodies(harness)] == [
        ["temperature", "top_p"],
        ["top_p"],
        [],
        [],
    ]


def test_nothing_is_asked_twice_for_the_same_reason_and_what_has_helped_is_kept() -> None:
    harness = Harness([no("temperature"), no("top_p"), no("top_p")])
    answer = harness.ask(temperature=0.5, top_p=0.9)
    assert answer.json()["error"]["message"] == "Unsupported parameter: 'top_p' is not supported with this model."
    assert harness.memory == FakeMemory({"one/model": LearnedTraits({"refused_fields": ("temperature",)})})


def test_there_are_four_calls_at_most_of_all_candidates_together() -> None:
    refusals = [no(name) for name in ("temperature", "top_p", "stream_options")]
    harness = Harness([*refusals, refusal("down", 503), fine()])
    assert harness.ask(temperature=0.5, top_p=0.9).status == 529
    assert len(bodies(harness)) == 4


@pytest.mark.parametrize(
    "second",
    [no("temperature"), refusal("slow down", 429), refusal("wrong"), upstream_failure("gone")],
    ids=["the same", "429", "another refusal", "no answer"],
)
def test_a_correction_that_did_not_help_is_not_kept(second: Outcome) -> None:
    harness = Harness([no("temperature"), second], providers=["one"])
    assert harness.ask(temperature=0.5).status != 200
    assert harness.memory == FakeMemory()
    assert harness.ledger.settled() == [[None]]


def test_a_caller_whose_words_the_upstream_repeats_teaches_nothing() -> None:
    """Both times they can be understood, the second time as another step down."""
    words = "'response_format', 'temperature' unsupported"
    repeated = refusal(f"Invalid input: {words}")
    harness = Harness([repeated, repeated])
    schema = {"type": "json_schema", "schema": {"type": "object"}}
    answer = harness.ask(temperature=0.5, output_config={"format": schema})
    assert (answer.status, answer.json()["error"]["message"]) == (400, f"Invalid input: {words}")
    assert harness.memory == FakeMemory()


def test_when_the_corrected_request_fails_by_the_upstreams_fault_the_next_candidate_is_asked() -> None:
    harness = Harness([no("temperature"), refusal("down", 503), fine()])
    answer = harness.ask(temperature=0.5)
    assert (answer.headers["x-edgeway-model"], answer.headers["x-edgeway-attempts"]) == ("two/model", "3")
    assert "temperature" in bodies(harness)[2]
    assert harness.ledger.settled() == [[None], [USED]]


@pytest.mark.parametrize(
    "message", ["'top_p' is not supported", "Unsupported value: 'auto' for 'tool_choice'", "unknown model"]
)
def test_what_was_not_sent_is_not_corrected(message: str) -> None:
    """The same request again would only be refused again."""
    harness = Harness([refusal(message)])
    answer = harness.ask(temperature=0.5)
    assert (answer.status, answer.json()["error"]["message"]) == (400, message)
    assert harness.memory == FakeMemory()


def test_without_time_it_is_not_asked_again() -> None:
    harness = Harness([no("temperature")], seconds_left=5.0)
    answer = harness.ask(temperature=0.5)
    assert answer.status == 400


TOO_MUCH = "`max_tokens` exceed context limit: 900 + 4000 > 2000"


@pytest.mark.failure_mode(19)
def test_a_prompt_that_leaves_room_gets_a_shorter_answer_once() -> None:
    harness = Harness([refusal(TOO_MUCH), fine(), fine()])
    answer = harness.ask(max_tokens=4000)
    assert (answer.status, answer.headers["x-edgeway-dropped"]) == (200, "max_tokens")
    harness.ask(max_tokens=4000)
    assert [body["max_tokens"] for body in bodies(harness)] == [4000, 1100, 4000]
    assert harness.memory == FakeMemory()


@pytest.mark.failure_mode(7)
def test_where_no_room_is_left_the_client_is_told_in_words_that_it_knows() -> None:
    harness = Harness([refusal("`max_tokens` exceed context limit: 1900 + 4000 > 2000")])
    answer = harness.ask(max_tokens=4000)
    assert answer.status == 400
    assert answer.json()["error"]["message"] == (
        "input length and `max_tokens` exceed context limit: 1900 + 4000 > 2000, "
        "decrease input length or `max_tokens` and try again"
    )


CUT_SHORT = refusal("Could not finish the message because max_tokens or model output limit was reached.")
FLAGGED = refusal("Your prompt was flagged.", code="content_filter")


@pytest.mark.failure_mode(18)
@pytest.mark.parametrize("stream", [False, True])
def test_a_limit_that_was_spent_before_the_first_word_is_an_empty_answer(stream: bool) -> None:
    outcome = FakeAnswer([], 400, body=CUT_SHORT.body)
    harness = Harness([outcome])
    answer = harness.ask(stream=stream, max_tokens=1)
    assert answer.status == 200
    if stream:
        assert answer.types() == ["message_start", "ping", "message_delta", "message_stop"]
        assert answer.events()[2]["delta"]["stop_reason"] == "max_tokens"
    else:
        assert (answer.json()["content"], answer.json()["stop_reason"]) == ([], "max_tokens")
    assert outcome.closed == [True]
    (reservation,) = harness.ledger.reservations
    assert reservation.settled == [Usage(input_tokens=int(reservation.estimate.input_tokens), output_tokens=1)]
    assert [line["stop_reason"] for line in harness.summaries()] == ["max_tokens"]


@pytest.mark.failure_mode(49)
@pytest.mark.parametrize("stream", [False, True])
def test_what_a_policy_forbids_is_a_refusal_and_nobody_else_is_asked(stream: bool) -> None:
    harness = Harness([FakeAnswer([], 400, body=FLAGGED.body), fine()])
    answer = harness.ask(stream=stream)
    assert answer.status == 200
    end = answer.events()[2]["delta"] if stream else answer.json()
    assert (end["stop_reason"], end["stop_details"]) == (
        "refusal",
        {"type": "refusal", "category": None, "explanation": "Your prompt was flagged."},
    )
    assert len(harness.upstream.calls) == 1


def test_what_a_policy_forbids_in_the_middle_of_the_first_words_ends_them() -> None:
    frame = json.dumps({"error": {"message": "Filtered.", "code": "content_filter", "type": "invalid_request_error"}})
    answer = Harness([FakeAnswer([[said("I can"), frame]])]).stream()
    assert text_of(answer.events()) == "I can"
    assert answer.events()[-2]["delta"]["stop_reason"] == "refusal"


BROKEN = {"type": "object", "properties": {"rows": {"type": "array", "items": [{"type": "string"}]}}}
LOOK = {"type": "object", "properties": {"at": {"type": "string", "minLength": 1}}}
TOOLS = [{"name": "look", "input_schema": LOOK}, {"name": "mcp__db__query", "input_schema": BROKEN}]
NO_TOOL = "Invalid schema for function 'mcp__db__query': items is not an object"


def named(harness: Harness) -> list[list[str]]:
    """The tools of each call."""
    return [[tool["function"]["name"] for tool in body.get("tools", ())] for body in bodies(harness)]


def test_one_tool_does_not_end_a_session() -> None:
    harness = Harness([refusal(NO_TOOL), refusal(NO_TOOL), fine(), fine()], ["one"])
    answer = harness.ask(tools=TOOLS)
    assert answer.status == 200
    assert named(harness) == [["look", "mcp__db__query"], ["look", "mcp__db__query"], ["look"]]
    assert bodies(harness)[1]["tools"][1]["function"]["parameters"]["properties"] == {
        "rows": {"type": "array", "items": {}}
    }
    assert answer.headers["x-edgeway-dropped"] == "tools.mcp__db__query"
    assert harness.ask(tools=TOOLS).status == 200  # it is known now
    assert named(harness)[3:] == [["look"]]


def test_a_tool_is_asked_for_three_times_at_most() -> None:
    harness = Harness([refusal(NO_TOOL)] * 4, ["one"])
    error = harness.ask(tools=TOOLS, tool_choice={"type": "tool", "name": "mcp__db__query"})
    assert (error.status, len(harness.upstream.calls)) == (400, 2)
    at_a_place = refusal("tools[0].function.parameters: invalid schema")
    harness = Harness([at_a_place] * 4, ["one"])
    assert harness.ask(tools=TOOLS).status == 400
    assert named(harness) == [["look", "mcp__db__query"], ["look", "mcp__db__query"], ["mcp__db__query"]]


def test_two_tools_are_taken_away_one_after_the_other() -> None:
    another = refusal("Invalid schema for function 'look': type must not be missing")
    harness = Harness([refusal(NO_TOOL), another, fine()], ["one"])
    answer = harness.ask(tools=TOOLS)
    assert answer.status == 200
    assert set(answer.headers["x-edgeway-dropped"].split(",")) >= {
        "tools.look.input_schema",
        "tools.mcp__db__query.input_schema",
    }
