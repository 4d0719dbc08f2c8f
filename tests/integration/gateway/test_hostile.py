"""Every answer of the hostile upstream through the whole messages function: it is lawful, or an error says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from translator.anthropic.errors import STATUS
from translator.stream.fold import Fold

from tests.integration.gateway.conftest import Start
from tests.integration.gateway.functions import Answer
from tests.laws import Event, check, decode
from tests.unit.functions.functions import read_event
from tests.upstreams.expected import Answered, BrokenOff, Outcome, Refused
from tests.upstreams.outcomes import OUTCOMES
from tests.upstreams.responses_scenarios import RESPONSES, RESPONSES_OUTCOMES
from tests.upstreams.scenarios import ANSWERS

TOOLS = [{"name": name, "input_schema": {"type": "object"}} for name in ("get_weather", "get_time")]

Ask = Callable[..., Answer]


@pytest.fixture
def ask(start: Start, key: str) -> Ask:
    """Asks for one of the answers, as a person would: by the name of a model."""

    def asking(play: str, *, stream: bool) -> Answer:
        request = {
            "model": f"openai/hostile/{play}",
            "max_tokens": 4000,
            "tools": TOOLS,
            "stream": stream,
            "messages": [{"role": "user", "content": "Hello"}],
        }
        return start("messages").call({**read_event("messages-hello", key), "body": json.dumps(request)})

    return asking


def without_ids(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks; the ids of calls are of their message, and so differ from one asking to the next."""
    ids = ("id", "tool_use_id")
    blocks = [{name: value for name, value in block.items() if name not in ids} for block in content]
    joined: list[dict[str, Any]] = json.loads(json.dumps(blocks))  # two halves of a surrogate pair are one character
    return joined


def streamed(answer: Answer) -> list[Event]:
    events = decode(answer.body.encode())
    check(events)
    return events


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["error"]["type"]


def test_every_answer_has_an_outcome() -> None:
    assert OUTCOMES.keys() == ANSWERS.keys()


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize("play", ANSWERS)
def test_what_becomes_of_it(play: str, ask: Ask) -> None:
    check_outcome(OUTCOMES[play], ask(play, stream=False), ask(play, stream=True))


def check_outcome(outcome: Outcome, whole: Answer, stream: Answer) -> None:
    """The caller gets it, as a whole answer and as a stream."""
    match outcome:
        case Answered(stop_reason, content, counted):
            fold = Fold()
            fold.feed(streamed(stream))  # type: ignore[arg-type]
            assert fold.message is not None
            message = whole.json()
            assert (whole.status, message["stop_reason"]) == (200, stop_reason)
            assert (stream.status, fold.message["stop_reason"]) == (200, stop_reason)
            assert without_ids(fold.message["content"]) == without_ids(message["content"])
            assert fold.message["usage"] == message["usage"]
            assert content is None or list(content) == without_ids(message["content"])
            assert counted in (None, (message["usage"]["input_tokens"], message["usage"]["output_tokens"]))
        case Refused(error_type, words):
            assert refusal(whole) == refusal(stream) == (STATUS[error_type], error_type)
            assert whole.json()["error"] == stream.json()["error"]
            assert words in (None, whole.json()["error"]["message"])
        case BrokenOff(error_type, words):
            assert refusal(whole) == (STATUS[error_type], error_type)
            assert words in (None, whole.json()["error"]["message"])
            events = streamed(stream)
            has_content = any(event["type"] == "content_block_start" for event in events)
            assert events[-1]["type"] == "error"
            assert events[-1]["error"] == {
                "type": error_type if has_content else "overloaded_error",
                "message": whole.json()["error"]["message"],
            }


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize("play", RESPONSES)
def test_what_becomes_of_it_through_responses(play: str, ask: Ask) -> None:
    check_outcome(RESPONSES_OUTCOMES[play], ask(play, stream=False), ask(play, stream=True))


@pytest.mark.parametrize("play", ANSWERS)
def test_the_next_caller_notices_nothing(play: str, ask: Ask) -> None:
    """The connection may be kept, but nothing that still lay in it."""
    ask(play, stream=True)
    answer = ask("plain", stream=False)
    assert [block["text"] for block in answer.json()["content"]] == ["Hello from the upstream"]


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("status", [*range(201, 205), *range(300, 309), *range(400, 432), *range(500, 512), 529, 599])
def test_no_status_of_an_error_is_a_success(status: int, ask: Ask) -> None:
    for stream in (False, True):
        answer = ask(f"status-{status}", stream=stream)
        assert answer.status in STATUS.values()
        assert answer.json()["type"] == "error"
