"""Every stream of the vectors becomes exactly the events, and the message, that stand beside it."""

from copy import deepcopy
from pathlib import Path

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, encode_events
from translator.caller_words import NO_WORDS
from translator.chat.reader import ChatReader
from translator.emitter import Emitter
from translator.fold import Fold
from translator.tool_names import ToolNames

from tests.laws import check, decode
from tests.vectors import parameters
from tests.vectors.answers import (
    ESTIMATE,
    MESSAGE_ID,
    MODEL,
    AnswerCase,
    calls,
    ends,
    failures,
    reasonings,
    signed_calls,
    texts,
    think_tags,
    written_calls,
)

STREAMS = Path(__file__).parent / "streams"
CASES = [
    case
    for module in (texts, calls, signed_calls, written_calls, reasonings, think_tags, ends, failures)
    for case in module.CASES
]


def frames_of(case: AnswerCase) -> list[str]:
    return (STREAMS / f"{case.id}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]


def reader_of(case: AnswerCase) -> tuple[Emitter, ChatReader]:
    emitter = Emitter(message_id=MESSAGE_ID, model=MODEL, input_tokens=ESTIMATE, thinking=case.display)
    reader = ChatReader(
        emitter,
        traits=case.traits,
        tool_names=ToolNames(case.tools),
        stop_sequences=case.stop_sequences,
        message_id=MESSAGE_ID,
        caller_words=NO_WORDS,
        input_tokens=ESTIMATE,
        offered=case.offered,
        takes_asides=case.takes_asides,
    )
    return emitter, reader


def played(case: AnswerCase) -> list[Event]:
    """All events that the stream becomes, as the gateway would send them."""
    emitter, reader = reader_of(case)
    assert emitter.stop_reason is None
    events: list[Event] = []
    try:
        for frame in frames_of(case):
            events += reader.feed(frame)
        events += reader.close()
    except ApiError as error:
        events += emitter.fail(error, request_id=None)
    assert case.message is None or emitter.stop_reason == case.message["stop_reason"]
    return events


@pytest.mark.parametrize("case", parameters(CASES))
def test_all_events(case: AnswerCase) -> None:
    events = played(case)
    assert events == case.events
    check(events)
    assert decode(encode_events(events)) == events


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_message(case: AnswerCase) -> None:
    fold = Fold()
    events = deepcopy(played(case))
    if case.message is None:
        with pytest.raises(ApiError) as caught:
            fold.feed(events)
        assert [dict(caught.value.body(None))] == case.events[-1:]
    else:
        fold.feed(events)
        assert fold.message == case.message


@pytest.mark.parametrize("case", parameters(CASES))
def test_what_the_gateway_asks_the_reader(case: AnswerCase) -> None:
    """Whether to read on, whether the model has stopped, and whether the upstream must be stopped."""
    _, reader = reader_of(case)
    assert (reader.is_done, reader.is_ending, reader.is_cut) == (False, False, False)
    if case.message is None:
        return
    frames = frames_of(case)
    for frame in frames:
        reader.feed(frame)
    assert reader.is_cut == case.is_cut
    assert reader.is_done == (case.is_cut or "[DONE]" in frames)
    assert reader.is_ending or case.is_cut
    reader.close()
    assert reader.close() == []


def test_every_stream_has_a_case() -> None:
    assert sorted(path.stem for path in STREAMS.iterdir()) == sorted(case.id for case in CASES)
