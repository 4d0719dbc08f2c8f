"""What the writers of answers that go through are for what such answers never have."""

from __future__ import annotations

import pytest
from translator.anthropic.errors import upstream_failure
from translator.native.answer import NativeMessage, NativeStream
from translator.writing.endings import AnsweringError


def test_a_stream_fails_once() -> None:
    stream = NativeStream(input_tokens=1, is_started=False)
    assert b"event: error" in stream.fail(upstream_failure("gone"), request_id="req_1")
    assert (stream.fail(upstream_failure("gone"), request_id="req_1"), stream.close()) == (b"", b"")


def test_a_whole_answer_fails_as_an_answer_of_its_own() -> None:
    assert NativeMessage(input_tokens=1).fail(upstream_failure("gone"), request_id="req_1") == b""


@pytest.mark.parametrize("writer", [NativeStream(input_tokens=1, is_started=False), NativeMessage(input_tokens=1)])
def test_no_error_is_an_answer(writer: NativeStream | NativeMessage) -> None:
    with pytest.raises(AnsweringError):
        writer.answer(AnsweringError("refusal", "no"))
    assert writer.start() == b""
