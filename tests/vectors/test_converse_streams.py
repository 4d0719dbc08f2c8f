"""Every answer of Converse becomes exactly the message, or the error, that stands beside it."""

import json
from base64 import b64decode
from typing import Any

import pytest
from botocore.validate import ParamValidator
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, encode_events
from translator.caller_words import NO_WORDS
from translator.converse.answer.reader import ConverseReader
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tool_ids import unwrap
from translator.tool_names import ToolNames
from translator.traits import Traits

from tests.laws import check, decode
from tests.laws.converse_requests import described
from tests.upstreams.converse import Json
from tests.vectors import parameters
from tests.vectors.converse.streams import CASES, AnswerCase

ESTIMATE = 101
WINDOW = 100


def frames_of(case: AnswerCase) -> list[str]:
    return [each if isinstance(each, str) else json.dumps(each) for each in case.frames]


def reader_of(case: AnswerCase) -> tuple[Emitter, ConverseReader]:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=ESTIMATE, thinking=case.display)
    reader = ConverseReader(
        emitter,
        traits=Traits(reasoning_scope="here", context_window=WINDOW),
        tool_names=ToolNames(()),
        stop_sequences=case.stop_sequences,
        message_id="msg_1",
        input_tokens=ESTIMATE,
        caller_words=NO_WORDS,
    )
    return emitter, reader


def played(case: AnswerCase) -> list[Event]:
    emitter, reader = reader_of(case)
    events: list[Event] = []
    try:
        for frame in frames_of(case):
            events += reader.feed(frame)
        events += reader.close()
    except ApiError as error:
        events += emitter.fail(error, request_id=None)
    return events


def unwrapped(block: Json) -> Json:
    """A block in the words of the cases."""
    if block["type"] == "tool_use":
        own = unwrap(block["id"])
        return {"type": "tool_use", "call_id": own and own.upstream_id, "name": block["name"], "input": block["input"]}
    return {name: value for name, value in block.items() if name != "citations"}


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_answer(case: AnswerCase) -> None:
    events = played(case)
    check(events)
    assert decode(encode_events(events)) == events
    if case.error is not None:
        begun = sum(event["type"] == "content_block_start" for event in events)
        last: Any = events[-1]
        assert ((last["error"]["type"], last["error"]["message"]), begun) == (case.error, case.before)
        return
    fold = Fold()
    fold.feed(events)
    message = fold.message
    assert [unwrapped(block) for block in message["content"]] == list(case.content)
    assert (message["stop_reason"], message["stop_sequence"]) == (case.stop_reason, case.stop_sequence)
    names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    assert tuple(message["usage"][name] for name in names) == case.usage


@pytest.mark.parametrize("case", parameters([case for case in CASES if case.error is None]))
def test_the_end_is_noticed(case: AnswerCase) -> None:
    _, reader = reader_of(case)
    assert (reader.is_done, reader.is_ending, reader.is_cut) == (False, False, False)
    for frame in frames_of(case):
        reader.feed(frame)
    assert reader.is_cut == (case.stop_sequence is not None)
    assert reader.is_done == (case.id != "unended")
    assert reader.is_ending or reader.is_cut
    reader.close()
    assert reader.close() == []


@pytest.mark.parametrize("case", parameters([case for case in CASES if case.is_official]))
def test_the_frames_are_such_as_aws_describes(case: AnswerCase) -> None:
    for frame in case.frames:
        assert isinstance(frame, dict)
        is_whole = "output" in frame
        shape = described("ConverseResponse" if is_whole else "ConverseStreamOutput")
        report = ParamValidator().validate(_with_bytes(frame), shape)
        assert not report.has_errors(), report.generate_report()


def _with_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: b64decode(part) if name == "redactedContent" else _with_bytes(part) for name, part in value.items()
        }
    return [_with_bytes(part) for part in value] if isinstance(value, list) else value


def test_no_id_names_two_cases() -> None:
    ids = [case.id for case in CASES]
    assert sorted(set(ids)) == sorted(ids)


def test_what_follows_a_call_without_input_does_not_wait() -> None:
    [case] = [each for each in CASES if each.id == "call-without-input"]
    _, reader = reader_of(case)
    events = [event for frame in frames_of(case)[:-2] for event in reader.feed(frame)]
    assert [event["index"] for event in events if event["type"] == "content_block_start"] == [0, 1, 2]
