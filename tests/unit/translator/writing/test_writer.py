"""What has come together with an error is not lost."""

from __future__ import annotations

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.request import parse_messages_request
from translator.chat.dialect import ChatDialect
from translator.dialect import Caller
from translator.stream.emitter import Emitter
from translator.traits import Traits
from translator.writing.writer import TranslatedWriter, form_of

from tests.laws import check, decode, text_of

WORD = '{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}'


def new_writer() -> TranslatedWriter:
    request = parse_messages_request({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
    dialect, traits, emitter = ChatDialect(), Traits(), Emitter(message_id="msg_1", model="m", input_tokens=1)
    encoded = dialect.encode(request, model="m", traits=traits, caller=Caller())
    reader = dialect.reader(
        emitter, encoded=encoded, request=request, traits=traits, message_id="msg_1", input_tokens=1
    )
    return TranslatedWriter(emitter, reader, form_of(stream=True))


def test_what_came_before_an_error_is_written_with_it() -> None:
    writer = new_writer()
    with pytest.raises(ApiError) as broken:
        writer.feed([WORD, '{"error":{"message":"overloaded","code":503}}'])
    events = decode(writer.fail(broken.value, request_id="req_1"))
    check(events)
    assert (text_of(events), events[-1]["type"]) == ("Hello", "error")


def test_a_stream_that_was_started_elsewhere_begins_with_its_content() -> None:
    writer, other = new_writer(), new_writer()
    other.was_started()
    events = decode(writer.start() + other.feed([WORD]))
    assert [event["type"] for event in events] == [
        "message_start", "ping", "content_block_start", "content_block_delta"
    ]  # fmt: skip
