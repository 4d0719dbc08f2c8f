"""Where a refusal names nothing, the plainest form is asked once, and the one thing that was refused is found later."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest
from gateway.learning import trait_memory
from translator.anthropic.events import Event
from translator.bisection import bisect
from translator.plain_form import PLAIN, plainest
from translator.stream.fold import Fold
from translator.traits import Traits

from tests.unit.gateway.fakes import (
    END,
    ROLE,
    Answer,
    Call,
    FakeAnswer,
    FakeMemory,
    Harness,
    Outcome,
    candidate,
    chunk,
    fine,
    said,
)

TOOL = {
    "name": "look",
    "input_schema": {"type": "object", "properties": {"at": {"type": "string", "pattern": "^a+$"}}, "required": ["at"]},
}
ASKED: dict[str, Any] = {"temperature": 0.5, "top_p": 0.9, "tools": [TOOL], "max_tokens": 500}


def refusal(message: str = "Bad Request", status: int = 400) -> FakeAnswer:
    return FakeAnswer([], status, body=json.dumps({"error": {"message": message}}).encode())


@dataclass
class Picky(Sequence[Outcome]):
    """Refuses whatever it is told to, without a word about it."""

    refuses: Callable[[Mapping[str, Any]], bool]
    calls: Sequence[Call] = ()

    def __getitem__(self, at: Any) -> Any:
        return refusal() if self.refuses(self.calls[at].body) else fine()

    def __len__(self) -> int:
        return len(self.calls) + 1


def picky(refuses: Callable[[Mapping[str, Any]], bool]) -> Harness:
    answers = Picky(refuses)
    harness = Harness(answers, ["one"])
    answers.calls = harness.upstream.calls
    return harness


def memory_of(harness: Harness) -> FakeMemory:
    assert isinstance(harness.memory, FakeMemory)
    return harness.memory


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize("stream", [False, True])
def test_the_plainest_form_is_asked_once_and_what_it_lost_is_named(stream: bool) -> None:
    harness = Harness([refusal(), fine()], ["one"])
    answer = harness.ask(stream=stream, tool_choice={"type": "any"}, system="Be brief.", **ASKED)
    assert answer.status == 200
    assert answer.headers["x-edgeway-dropped"] == "tools.input_schema,temperature,top_p"
    assert harness.upstream.calls[1].body == {
        "model": "model",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "max_tokens": 500,
        "stream": True,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "look",
                    "parameters": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
                },
            }
        ],
        "tool_choice": "required",
    }
    assert memory_of(harness).learnt == {}


@pytest.mark.parametrize("second", [refusal("Still bad"), refusal("Busy", 503), refusal("Invalid thing", 422)])
def test_if_that_does_not_help_the_caller_gets_the_first_error(second: FakeAnswer) -> None:
    harness = Harness([refusal(), second], ["one"])
    answer = harness.ask(**ASKED)
    assert (answer.status, answer.json()["error"]["message"]) == (400, "Bad Request")
    assert memory_of(harness).bisections == {}


@pytest.mark.parametrize(
    ("status", "message", "calls"),
    [
        (500, "Internal error", 1),
        (500, "Failed to render the chat template", 2),
        (500, "error parsing grammar: x", 2),
        (400, "model gpt-9 does not exist", 1),
        (400, "The image could not be read", 1),
        (404, "no such route", 1),
        (422, "Unprocessable", 2),
    ],
)
def test_what_is_worth_it(status: int, message: str, calls: int) -> None:
    harness = Harness([refusal(message, status), fine()], ["one"])
    harness.ask(**ASKED)
    assert len(harness.upstream.calls) == calls


def test_what_is_plain_already_is_not_asked_again() -> None:
    plain = Traits(**{**PLAIN, "schemas": "bare"}, fields=frozenset())  # type: ignore[arg-type]
    harness = Harness([refusal()], ["one"], traits=plain)
    assert harness.ask(max_tokens=5).status == 400


CULPRITS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "temperature": lambda body: "temperature" in body,
    "top_p": lambda body: "top_p" in body,
    "stream_options": lambda body: "stream_options" in body,
    "a pattern": lambda body: "pattern" in json.dumps(body),
}


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize("culprit", CULPRITS)
def test_the_one_culprit_is_found_over_the_next_requests(culprit: str) -> None:
    harness = picky(CULPRITS[culprit])
    for _ in range(9):
        before = len(harness.upstream.calls)
        assert harness.ask(**ASKED).status == 200
        assert len(harness.upstream.calls) - before <= 2
    (learnt,) = memory_of(harness).learnt.values()
    wanted = {"schemas": "bare"} if culprit == "a pattern" else {"refused_fields": (culprit,)}
    assert learnt.by_name == wanted
    assert memory_of(harness).bisections == {"one/model": None}
    before = len(harness.upstream.calls)
    harness.ask(**ASKED)
    assert len(harness.upstream.calls) - before == 1


def test_two_culprits_are_found_one_after_the_other() -> None:
    harness = picky(lambda body: "temperature" in body or "stream_options" in body)
    for _ in range(16):
        assert harness.ask(**ASKED).status == 200
    (learnt,) = memory_of(harness).learnt.values()
    assert learnt.by_name == {"refused_fields": ("stream_options", "temperature")}


def thought(reason: str = "stop") -> FakeAnswer:
    return FakeAnswer([[ROLE, chunk({"reasoning_content": "Hm."})], [chunk({}, reason)], END[2:]])


EMPTY = FakeAnswer([[ROLE], [chunk({}, "stop")], END[2:]])


@pytest.mark.failure_mode(14)
@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_answer_is_asked_for_once_more(stream: bool) -> None:
    harness = Harness([EMPTY, fine()], ["one"])
    answer = harness.ask(stream=stream)
    assert (answer.status, len(harness.upstream.calls)) == (200, 2)
    assert harness.upstream.calls[0].body == harness.upstream.calls[1].body


@pytest.mark.failure_mode(14)
@pytest.mark.parametrize("empty", [EMPTY, thought()], ids=["nothing", "a thought"])
def test_an_answer_that_stays_empty_is_an_error(empty: FakeAnswer) -> None:
    harness = Harness([FakeAnswer(empty.steps), FakeAnswer(empty.steps)], ["one"])
    assert harness.ask().status == 529
    assert len(harness.upstream.calls) == 2


@pytest.mark.failure_mode(24)
def test_a_thought_alone_is_no_answer() -> None:
    harness = Harness([thought(), fine()], ["one"])
    assert [block["type"] for block in harness.ask().json()["content"]] == ["text"]
    harness = Harness([thought("length")], ["one"])
    assert harness.ask().json()["stop_reason"] == "max_tokens"


def test_a_form_that_the_request_has_not_is_no_explanation() -> None:
    # a template that knows no tools complains of turns, which alternate already
    called = [
        {"role": "user", "content": "Look."},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {"at": "a"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "A tree."}]},
        {"role": "user", "content": "And now?"},
    ]
    harness = Harness([refusal("Conversation roles must alternate user/assistant"), fine()], ["one"])
    assert harness.ask(messages=called, **ASKED).status == 200
    assert [message["role"] for message in harness.upstream.calls[1].body["messages"]] == ["user", "assistant", "tool"]
    harness = Harness([refusal("temperature is not supported"), fine()], ["one"])
    assert harness.ask(top_p=0.5).status == 400  # what was not sent explains nothing, and nothing is asked again


def counted(prompt: int, completion: int) -> str:
    return json.dumps({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}})


def thought_twice(*second: list[str]) -> tuple[Harness, Answer]:
    """A stream of thinking only, and what comes of asking once more."""
    first = FakeAnswer([[ROLE, chunk({"reasoning_content": "Hm."})], [chunk({}, "stop"), counted(10, 5)], END[2:]])
    harness = Harness([first, FakeAnswer([*second])], ["one"])
    return harness, harness.ask(stream=True)


@pytest.mark.failure_mode(24)
@pytest.mark.parametrize("thinks_again", [False, True])
def test_a_stream_of_thinking_only_goes_on_with_a_second_answer(thinks_again: bool) -> None:
    again = [[chunk({"reasoning_content": "Ah."})]] if thinks_again else []
    harness, answer = thought_twice([ROLE], *again, [said("Hello")], [chunk({}, "stop"), counted(11, 7)], END[2:])
    assert (answer.status, len(harness.upstream.calls)) == (200, 2)
    assert harness.upstream.calls[0].body == harness.upstream.calls[1].body
    whole = Fold()
    whole.feed(cast("list[Event]", answer.events()))
    message = whole.message
    kinds = ["thinking", *(["thinking"] if thinks_again else []), "text"]
    assert [block["type"] for block in message["content"]] == kinds
    assert (message["content"][0]["thinking"], message["content"][-1]["text"]) == ("Hm.", "Hello")
    assert all(block["signature"] for block in message["content"] if block["type"] == "thinking")
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (21, 12)
    assert answer.types().count("message_start") == answer.types().count("message_stop") == 1
    settled = [usage for usages in harness.ledger.settled() for usage in usages]
    assert [(usage and usage.output_tokens) for usage in settled] == [12]


@pytest.mark.failure_mode(24)
@pytest.mark.parametrize(
    "second",
    [
        [[ROLE, chunk({"reasoning_content": "Ah."})], [chunk({}, "stop"), counted(11, 7)], END[2:]],
        [[ROLE], [chunk({}, "stop")], END[2:]],
        [[ROLE]],
    ],
    ids=["a thought", "nothing", "no end"],
)
def test_a_stream_whose_model_only_thinks_twice_ends_in_an_error(second: list[list[str]]) -> None:
    harness, answer = thought_twice(*second)
    assert (answer.status, answer.types()[-1], len(harness.upstream.calls)) == (200, "error", 2)
    assert answer.types().count("content_block_start") == answer.types().count("content_block_stop") + (
        len(second[0]) - 1
    )
    settled = [usage for usages in harness.ledger.settled() for usage in usages]
    assert len(settled) == 1
    assert settled[0] is not None
    assert settled[0].output_tokens >= 5


@pytest.mark.failure_mode(14)
def test_a_filter_in_the_middle_ends_the_answer() -> None:
    filtered = json.dumps({"choices": [], "base_resp": {"status_code": 1027, "status_msg": "output new_sensitive"}})
    answer = Harness([FakeAnswer([[ROLE, said("part")], [filtered]])], ["one"]).ask()
    assert (answer.status, answer.json()["stop_reason"]) == (200, "refusal")
    assert answer.json()["content"][0]["text"] == "part"


def test_what_is_being_found_out_is_kept_for_a_key_as_long_as_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_table() -> Any:
        raise OSError("no store")

    monkeypatch.setattr(trait_memory, "_CACHE_SIZE", 1)
    memory = trait_memory.TraitMemory(no_table, clock=lambda: 0.0, log=lambda _message, _fields: None)
    begun = bisect(plainest(Traits()), lambda _trait: True)
    one, two = candidate("one", "model"), candidate("two", "model")
    memory.bisect(one, "key_1", begun)
    assert (memory.bisection(one, "key_1"), memory.bisection(one, "key_2")) == (begun, None)
    memory.bisect(two, "key_1", begun)
    assert memory.bisection(one, "key_1") is None
    memory.bisect(two, "key_1", None)
    assert memory.bisection(two, "key_1") is None
