"""A message as a stream and back: nothing is lost, and the stream is lawful."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from translator.anthropic.events import Message, Usage, encode_events, new_message
from translator.stream.replay import message_in, replayed

from tests.laws import check, decode

USAGE = Usage(input_tokens=9, output_tokens=7, cache_read_input_tokens=3, thinking_tokens=2)


def message(*content: dict[str, Any], **more: Any) -> Message:
    begun = new_message(message_id="msg_1", model="m", usage=USAGE, service_tier="standard")
    return cast("Message", {**begun, "content": list(content), "stop_reason": "end_turn", **more})


TEXT = {"type": "text", "text": "Hello you", "citations": None}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"}
SEALED = {"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "/a b", "n": [1, None]}}
NOTHING = {"type": "tool_use", "id": "toolu_2", "name": "look", "input": {}}
REDACTED = {"type": "redacted_thinking", "data": "abc"}


@pytest.mark.parametrize(
    "given",
    [
        message(TEXT),
        message(THOUGHT, TEXT, CALL, NOTHING, stop_reason="tool_use"),
        message(SEALED, TEXT, stop_reason="stop_sequence", stop_sequence="END"),
        message(REDACTED, TEXT),
        message(),
    ],
)
def test_a_message_comes_back_from_its_stream(given: Message) -> None:
    stream = replayed(given)
    check(decode(stream))
    assert message_in(stream) == given
    assert replayed(cast("Message", message_in(stream))) == stream


def test_a_quotation_is_said_with_its_text() -> None:
    cited = {**TEXT, "citations": [{"type": "char_location", "cited_text": "you"}]}
    events = decode(replayed(message(cited)))
    check(events)
    assert [event["delta"]["type"] for event in events if "index" in event and "delta" in event] == [
        "citations_delta",
        "text_delta",
    ]


def test_an_empty_text_is_no_delta() -> None:
    events = decode(replayed(message({**TEXT, "text": ""})))
    assert [event["type"] for event in events] == [
        "message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"
    ]  # fmt: skip


def test_betas_own_fields_are_kept() -> None:
    given = cast("Message", {**message(TEXT), "context_management": None})
    delta = decode(replayed(given))[-2]
    assert delta["context_management"] is None
    assert "context_management" not in decode(replayed(message(TEXT)))[-2]


WHOLE = replayed(message(TEXT))


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        WHOLE[: len(WHOLE) // 2],
        WHOLE.replace(b"message_stop", b"message_halt"),
        WHOLE.replace(b"text_delta", b"citations_delta"),
        b"data: {\n\n",
        b"data: 5\n\n",
        encode_events([{"type": "error", "error": {"type": "api_error", "message": "x"}, "request_id": None}]),
        b"data: " + json.dumps({"type": "content_block_stop"}).encode() + b"\n\n",
    ],
)
def test_what_is_no_whole_stream_is_no_message(stream: bytes) -> None:
    assert message_in(stream) is None
