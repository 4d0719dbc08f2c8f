"""An upstream's error that is an answer: the whole message, and a reader that has nothing to read."""

from __future__ import annotations

from translator.emitter import Emitter
from translator.endings import AnsweringError, EndedReader

from tests.laws import check


def test_an_answer_without_content() -> None:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=9)
    events = AnsweringError("max_tokens", "Could not finish.").answer(emitter)
    check(events)
    assert [event["type"] for event in events] == ["message_start", "ping", "message_delta", "message_stop"]
    assert emitter.stop_reason == "max_tokens"


def test_nothing_is_read_after_it() -> None:
    reader = EndedReader()
    assert (reader.is_done, reader.is_ending, reader.is_cut) == (True, True, False)
    assert (reader.feed("{}"), reader.close()) == ([], [])
