"""An upstream's error that is an answer: the whole message, and a reader that has nothing to read."""

from __future__ import annotations

from typing import Literal

import pytest
from translator.stream.emitter import Emitter
from translator.writing.endings import AnsweringError, EndedReader

from tests.laws import check

REFUSED = {"type": "refusal", "category": None, "explanation": "No."}


@pytest.mark.parametrize(("stop_reason", "details"), [("max_tokens", None), ("refusal", REFUSED)])
def test_an_answer_without_content(stop_reason: Literal["max_tokens", "refusal"], details: object) -> None:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=9)
    events = AnsweringError(stop_reason, "No.").answer(emitter)
    check(events)
    assert [event["type"] for event in events] == ["message_start", "ping", "message_delta", "message_stop"]
    end = next(event for event in events if event["type"] == "message_delta")
    assert end["delta"] == {
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "stop_details": details,
        "container": None,
    }


def test_nothing_is_read_after_it() -> None:
    reader = EndedReader()
    assert (reader.is_done, reader.is_ending, reader.is_cut) == (True, True, False)
    assert ([*reader.read(["{}"])], reader.close()) == ([], [])
