"""In which dialect a candidate is asked, and what makes it change to the other."""

import json
from typing import cast

import pytest
from gateway.routing.model_rules import Dialect
from translator.anthropic.events import Event
from translator.traits import Traits

from tests.laws import check
from tests.unit.gateway.fakes import FakeAnswer, FakeMemory, Harness, fine
from tests.upstreams.responses import Json, begun, ended, reasoning_events, text_events
from tests.vectors.refusals import openai
from tests.vectors.refusals.dialects import NOT_VERIFIED, ONLY_CHAT, ONLY_RESPONSES
from tests.vectors.responses.requests import thought

CHAT, RESPONSES = "https://one.example.com/v1/chat/completions", "https://one.example.com/v1/responses"
THINKS = Traits(efforts=("none", "high"), fields=frozenset({"include"}), reasoning_scope="here")


def answered() -> FakeAnswer:
    return FakeAnswer([[json.dumps(event) for event in (begun(), *text_events(0, "Hello"), ended())]])


def refused(status: int, body: bytes) -> FakeAnswer:
    return FakeAnswer([], status, body=body)


@pytest.mark.parametrize(
    ("dialects", "answers", "asked", "learnt"),
    [
        (("chat",), [fine()], [CHAT], None),
        (("responses", "chat"), [answered()], [RESPONSES], None),
        (("chat",), [refused(404, openai(ONLY_RESPONSES)), answered()], [CHAT, RESPONSES], "responses"),
        (("responses", "chat"), [refused(400, openai(ONLY_CHAT)), fine()], [RESPONSES, CHAT], "chat"),
        (("responses", "chat"), [refused(404, b"404 page not found"), fine()], [RESPONSES, CHAT], "chat"),
        (("responses", "chat"), [refused(405, b'{"detail": "Method Not Allowed"}'), fine()], [RESPONSES, CHAT], "chat"),
    ],
)
def test_the_dialect_changes_where_the_upstream_says_so(
    dialects: tuple[Dialect, ...], answers: list[FakeAnswer], asked: list[str], learnt: str | None
) -> None:
    memory = FakeMemory()
    harness = Harness(answers, providers=("one",), dialects=dialects, memory=memory)
    assert harness.stream().status == 200
    assert [call.url for call in harness.upstream.calls] == asked
    known = memory.learnt.get("one/model")
    assert (known and known.by_name.get("dialect")) == learnt


def test_what_was_learnt_is_asked_at_once() -> None:
    memory = FakeMemory()
    Harness([refused(404, openai(ONLY_RESPONSES)), answered()], providers=("one",), memory=memory).stream()
    harness = Harness([answered()], providers=("one",), memory=memory)
    assert harness.stream().status == 200
    assert [call.url for call in harness.upstream.calls] == [RESPONSES]


def test_a_model_that_is_only_there_is_asked_nowhere_else() -> None:
    harness = Harness([refused(404, b"404 page not found")], providers=("one",), dialects=("responses",))
    assert harness.stream().status == 404
    assert [call.url for call in harness.upstream.calls] == [RESPONSES]


def test_a_model_that_is_not_there_is_no_missing_path() -> None:
    missing = refused(404, openai("The model `x` does not exist", code="model_not_found"))
    harness = Harness([missing], providers=("one",), dialects=("responses", "chat"))
    assert harness.stream().status == 404
    assert len(harness.upstream.calls) == 1


@pytest.mark.parametrize("is_streamed", [False, True])
def test_reasoning_that_its_maker_cannot_read_is_left_out_once(is_streamed: bool) -> None:
    error = {"type": "error", "code": "invalid_encrypted_content", "message": NOT_VERIFIED}
    within = FakeAnswer([[json.dumps(begun()), json.dumps(error)]])
    refusal = within if is_streamed else refused(400, openai(NOT_VERIFIED, code="invalid_encrypted_content"))
    memory = FakeMemory()
    harness = Harness([refusal, answered()], providers=("one",), dialects=("responses",), traits=THINKS, memory=memory)
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [thought("Hm.", "gAAAA1"), {"type": "text", "text": "Yes"}]},
        {"role": "user", "content": "Go on"},
    ]
    answer = harness.ask(messages=messages)
    first, second = (call.body for call in harness.upstream.calls)
    assert [item["type"] for item in first["input"] if "type" in item] == ["message", "reasoning", "message"]
    assert {**first, "input": [item for item in first["input"] if item.get("type") != "reasoning"]} == second
    assert (answer.status, answer.headers["x-edgeway-dropped"]) == (200, "reasoning")
    assert memory.learnt == {}  # the history's fault, and not the model's


def test_a_dialect_that_is_not_spoken_is_named() -> None:
    harness = Harness([], providers=("one",), dialects=("responses",))
    harness.function._services.dialects.pop("responses")  # type: ignore[attr-defined]
    assert "only served through responses" in harness.stream().body.decode()


def events(*said: Json) -> FakeAnswer:
    return FakeAnswer([[json.dumps(event)] for event in said])


EMPTY = (begun(), ended())
THOUGHT = (begun(), *reasoning_events(0, "Hm."), ended())


@pytest.mark.failure_mode(14)
@pytest.mark.parametrize("empty", [EMPTY, THOUGHT], ids=["nothing", "a thought"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_answer_of_responses_is_asked_for_once_more(empty: tuple[Json, ...], stream: bool) -> None:
    harness = Harness([events(*empty), answered()], providers=("one",), dialects=("responses",))
    answer = harness.ask(stream=stream)
    assert (answer.status, len(harness.upstream.calls)) == (200, 2)
    assert harness.upstream.calls[0].body == harness.upstream.calls[1].body
    if stream:
        check(cast("list[Event]", answer.events()))
        assert answer.types().count("message_start") == answer.types().count("message_stop") == 1


@pytest.mark.failure_mode(14)
@pytest.mark.parametrize("empty", [EMPTY, THOUGHT], ids=["nothing", "a thought"])
def test_an_answer_of_responses_that_stays_empty_is_an_error(empty: tuple[Json, ...]) -> None:
    harness = Harness([events(*empty), events(*empty)], providers=("one",), dialects=("responses",))
    assert (harness.ask().status, len(harness.upstream.calls)) == (529, 2)
