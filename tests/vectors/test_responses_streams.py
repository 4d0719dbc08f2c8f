"""Every stream of Responses becomes exactly the message, or the error, that stands beside it."""

import json
from typing import Any

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, encode_events
from translator.caller_words import NO_WORDS
from translator.responses.answer.reader import ResponsesReader
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tool_ids import unwrap
from translator.tool_names import ToolNames

from tests.laws import check, decode
from tests.properties.responses_description import event_reader
from tests.upstreams.responses import numbered
from tests.vectors import parameters
from tests.vectors.responses.streams import CASES, StreamCase

MESSAGE_ID = "msg_1"
ESTIMATE = 101


def frames_of(case: StreamCase) -> list[str]:
    return [each if isinstance(each, str) else json.dumps(each) for each in case.events]


def reader_of(case: StreamCase) -> tuple[Emitter, ResponsesReader]:
    emitter = Emitter(message_id=MESSAGE_ID, model="m", input_tokens=ESTIMATE, thinking=case.display)
    reader = ResponsesReader(
        emitter,
        traits=case.traits,
        tool_names=ToolNames(()),
        stop_sequences=case.stop_sequences,
        message_id=MESSAGE_ID,
        input_tokens=ESTIMATE,
        caller_words=NO_WORDS,
        most_tokens=case.most_tokens,
        takes_asides=case.takes_asides,
    )
    return emitter, reader


def played(case: StreamCase) -> list[Event]:
    emitter, reader = reader_of(case)
    events: list[Event] = []
    try:
        for frame in frames_of(case):
            events += reader.feed(frame)
        events += reader.close()
    except ApiError as error:
        events += emitter.fail(error, request_id=None)
    return events


def unwrapped(block: dict[str, Any]) -> dict[str, Any]:
    """A block in the words of the cases."""
    if block["type"] == "tool_use":
        own = unwrap(block["id"])
        return {"type": "tool_use", "call_id": own and own.upstream_id, "name": block["name"], "input": block["input"]}
    return {name: value for name, value in block.items() if name != "citations"}


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_answer(case: StreamCase) -> None:
    events = played(case)
    check(events)
    assert decode(encode_events(events)) == events
    if case.error is not None:
        begun = sum(event["type"] == "content_block_start" for event in events)
        last: Any = events[-1]
        assert ((last["error"]["type"], last["error"]["message"]), begun) == (case.error, case.before or 0)
        return
    fold = Fold()
    fold.feed(events)
    message = fold.message
    assert [unwrapped(block) for block in message["content"]] == list(case.content)
    details = message["stop_details"]
    ended = (message["stop_reason"], message["stop_sequence"], details and details["explanation"])
    assert ended == (case.stop_reason, case.stop_sequence, case.explanation)


@pytest.mark.parametrize("case", parameters(CASES))
def test_every_text_that_is_sent_is_sent_at_once(case: StreamCase) -> None:
    """However many events arrive together, the caller gets the same."""
    _, reader = reader_of(case)
    assert (reader.is_done, reader.is_ending, reader.is_cut) == (False, False, False)
    if case.error is not None:
        return
    for frame in frames_of(case):
        reader.feed(frame)
    assert reader.is_cut == (case.stop_sequence is not None)
    assert reader.is_done
    reader.close()
    assert reader.close() == []


@pytest.mark.parametrize("case", parameters([case for case in CASES if case.is_official]))
def test_the_events_are_such_as_openai_describes(case: StreamCase) -> None:
    for event in numbered(event for event in case.events if not isinstance(event, str)):
        event_reader().validate_python(event)


def test_no_id_names_two_cases() -> None:
    ids = [case.id for case in CASES]
    assert sorted(set(ids)) == sorted(ids)


def test_what_follows_a_call_without_arguments_does_not_wait() -> None:
    [case] = [each for each in CASES if each.id == "call-no-arguments"]
    _, reader = reader_of(case)
    events = [event for frame in frames_of(case)[:-1] for event in reader.feed(frame)]
    assert [event["index"] for event in events if event["type"] == "content_block_start"] == [0, 1]
