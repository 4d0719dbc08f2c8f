"""Answers in forms that one upstream or another has, each with the whole of what must become of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.upstreams.answers import EVENTS, Answer, Cut, Reset, Send, Stream, Verbatim, Wait, Whole
from tests.upstreams.chat import DONE, USAGE, call, call_part, chunk, delta, event, finish, stream, text
from tests.upstreams.connections import CLOSING, HEAD, of_length
from tests.upstreams.errors import error
from tests.upstreams.expected import Answered, BrokenOff, Outcome, Refused, called, said, thinking, tool_use
from tests.upstreams.expected import text as text_block
from tests.upstreams.framings import JSON, PLAIN, PLAIN_BYTES, WHOLE, sending
from tests.upstreams.shapes import MOMENT, events, refusal

LONDON = '{"city": "London"}'
AT_LONDON = called(tool_use("get_weather", city="London"))
COUNTED = (20, 30)
"""Of USAGE, without what was cached."""
GREETING = "Hello from the upstream"
NAMELESS = "the upstream sent a tool call without a name"
NO_END = "the upstream closed the stream before the answer was complete"
CLOSED = "the upstream closed the connection before the answer was complete"
NO_JSON = "the upstream sent an event that is no JSON"
IMAGE = "[The model has sent an image, which cannot be shown here.]"
UNKNOWN = "[The model has sent something that cannot be shown here.]"
UNREADABLE = "[a source in a form that is not known]"
WHOLE_BYTES = json.dumps(WHOLE).encode()
OCTETS = {"content-type": "application/octet-stream"}


class Habit(NamedTuple):
    """What an upstream does, and what must become of it."""

    answer: Answer
    outcome: Outcome


def raw(payload: str) -> Send:
    """An event whose data is this."""
    return Send(b"data: " + payload.encode() + b"\n\n")


def calls(*parts: Any) -> tuple[Send, ...]:
    """A chunk with these elements of `tool_calls`."""
    return (delta({"tool_calls": list(parts)}),)


def ending(fields: Mapping[str, Any]) -> Stream:
    """Hello, and a last chunk that has these fields beside its choices."""
    return stream(text("Hello"), (delta({}, "stop"), chunk([], **fields), DONE))


def counting(usage: Any) -> Stream:
    """Hello, and this usage."""
    return ending({"usage": usage})


def reasons(*finish_reasons: Any) -> Stream:
    """Hello, and these reasons to stop, a chunk for each."""
    return stream(text("Hello"), MOMENT, tuple(delta({}, reason) for reason in finish_reasons), (DONE,))


def sourced(*sources: str) -> Answered:
    """Hello, and these sources."""
    return said("Hello\n\nSources:\n" + "\n".join(f"- {source}" for source in sources), COUNTED)


def whole(message: Any, **more: Any) -> Whole:
    """A whole completion with this message."""
    return Whole(
        200, json.dumps({**WHOLE, "choices": [{"message": message, "finish_reason": "stop"}], **more}).encode(), JSON
    )


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Verbatim:
    """A chunked body, written as it is."""
    return Verbatim(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"".join(chunks) + end)


def sized(data: bytes, extension: bytes = b"") -> bytes:
    """One chunk."""
    return b"%x%b\r\n%b\r\n" % (len(data), extension, data)


def of_events(content_type: str) -> Stream:
    """The plain answer under another content type."""
    return Stream(PLAIN.steps, headers={"content-type": content_type})


def without_data(data: Sequence[Any]) -> tuple[Send, ...]:
    """The events as lines of JSON."""
    return tuple(Send(step.data.replace(b"data: ", b"")) for step in data if isinstance(step, Send))


SOURCE = {"type": "url_citation", "url_citation": {"url": "https://weather.test", "title": "Rain"}}
LIMITED = error("Slow down")
HALF = text("Half an ans")

FRAMES: Mapping[str, Habit] = {
    "byte-order-mark-on-each-line": Habit(
        sending(b"\n".join(b"\xef\xbb\xbf" + line for line in PLAIN_BYTES.split(b"\n"))), said(GREETING, COUNTED)
    ),
    "data-without-a-value": Habit(sending(b"data\n\n" + PLAIN_BYTES), said(GREETING, COUNTED)),
    "events-without-data": Habit(
        stream((Send(b"data:\n\n"),), text("Hello"), (Send(b"data: \n\n"),), text(" you"), finish("stop")),
        said("Hello you", COUNTED),
    ),
    "events-of-pings": Habit(
        stream((Send(b"event: ping\ndata: {}\n\n"),), text("Hello"), (raw('{"type": "ping"}'),), finish("stop")),
        said("Hello", COUNTED),
    ),
    "event-named-error": Habit(
        stream(HALF, MOMENT, (Send(b'event: error\ndata: {"message": "It broke", "code": 503}\n\n'),), finish("stop")),
        BrokenOff("overloaded_error", "It broke"),
    ),
    "event-named-error-in-words": Habit(
        sending(b"event: error\ndata: Model crashed\n\n"), Refused("api_error", NO_JSON)
    ),
    "lines-of-json": Habit(
        Stream(without_data(PLAIN.steps), headers={"content-type": "application/x-ndjson"}),
        Refused("api_error", NO_JSON),
    ),
    "single-line-ends": Habit(sending(PLAIN_BYTES.replace(b"\n\n", b"\n")), Refused("api_error", NO_JSON)),
    "events-as-json": Habit(of_events("application/json"), said(GREETING, COUNTED)),
    "events-as-octets": Habit(of_events("application/octet-stream"), said(GREETING, COUNTED)),
    "whole-as-octets": Habit(Whole(200, WHOLE_BYTES, OCTETS), said("Hello", (12, 3))),
    "whole-as-events": Habit(Whole(200, WHOLE_BYTES, EVENTS), said("Hello", (12, 3))),
    "whole-after-a-byte-order-mark": Habit(Whole(200, b"\xef\xbb\xbf" + WHOLE_BYTES, JSON), said("Hello", (12, 3))),
    "whole-after-space": Habit(
        Stream((Send(b"\n"), Wait(0.05), Send(b"   \n"), Wait(0.05), Send(WHOLE_BYTES)), headers={}),
        said("Hello", (12, 3)),
    ),
    "error-after-space": Habit(
        Stream((Send(b"   \n"), Wait(0.05), Send(json.dumps(error("Upstream idle", code=504)).encode())), headers=JSON),
        Refused("timeout_error", "Upstream idle"),
    ),
    "whole-cut": Habit(Whole(200, WHOLE_BYTES[:-20], JSON), Refused("api_error", NO_JSON)),
    "whole-twice": Habit(Whole(200, WHOLE_BYTES * 2, JSON), Refused("api_error", NO_JSON)),
    "whole-in-a-list": Habit(Whole(200, b"[" + WHOLE_BYTES + b"]", JSON), said("Hello", (12, 3))),
    "whole-in-utf-16": Habit(Whole(200, json.dumps(WHOLE).encode("utf-16"), JSON), Refused("api_error", NO_END)),
    "whole-without-finish": Habit(
        Whole(200, json.dumps({**WHOLE, "choices": [{"message": {"content": "Hello"}}]}).encode(), JSON),
        BrokenOff("api_error", NO_END),
    ),
    "error-200-in-a-list": Habit(
        Whole(200, b'[{"error": {"code": 429, "message": "Resource exhausted"}}]', JSON),
        Refused("rate_limit_error", "Resource exhausted"),
    ),
    "error-200-in-words": Habit(
        Whole(200, b'{"success": false, "message": "not today"}', JSON), Refused("api_error", "not today")
    ),
    "error-200-of-minimax": Habit(
        Whole(200, b'{"choices": null, "base_resp": {"status_code": 1000, "status_msg": "unknown"}}', JSON),
        Refused("api_error", "unknown"),
    ),
    "anthropic-dialect": Habit(
        events({"type": "message_start", "message": {"id": "msg_1"}}, {"type": "message_stop"}),
        Refused("api_error", NO_END),
    ),
    "done-between-spaces": Habit(
        stream(text("Hello"), (delta({}, "stop", usage=USAGE), raw(" [DONE] "))), said("Hello", COUNTED)
    ),
    "done-in-small-letters": Habit(
        stream(text("Hello"), (delta({}, "stop", usage=USAGE), raw("[done]"))), said("Hello", COUNTED)
    ),
    "done-first": Habit(sending(DONE.data + PLAIN_BYTES), Refused("api_error", NO_END)),
    "done-cut": Habit(
        stream(text("Hello"), (delta({}, "stop", usage=USAGE), Send(b"data: [DO"))), said("Hello", COUNTED)
    ),
    "usage-cut": Habit(stream(text("Hello"), (delta({}, "stop"), Cut(b'data: {"choices": [], "us'))), said("Hello")),
    "reset-after-finish": Habit(stream(text("Hello"), (delta({}, "stop"),), MOMENT, (Reset(),)), said("Hello")),
    "error-after-finish": Habit(
        stream(text("Hello"), MOMENT, (delta({}, "stop"), Send(event(error("Late", code=500))), DONE)),
        BrokenOff("api_error", "Late"),
    ),
    "event-cut": Habit(
        stream(HALF, MOMENT, (Send(b'data: {"choices": [{"delta": {"content": "wer'),)), BrokenOff("api_error", NO_JSON)
    ),
    "two-chunks-in-an-event": Habit(
        sending(b'data: {"choices": []}{"choices": []}\n\n' + PLAIN_BYTES), Refused("api_error", NO_JSON)
    ),
    "nan-in-a-chunk": Habit(
        stream((raw('{"choices": [{"delta": {"content": "Hello"}, "logprobs": NaN}]}'),), finish("stop")),
        said("Hello", COUNTED),
    ),
    "keys-twice": Habit(
        stream(
            (raw('{"choices": [], "choices": [{"delta": {"content": "He", "content": "Hello"}}]}'),), finish("stop")
        ),
        said("Hello", COUNTED),
    ),
}

SAYINGS: Mapping[str, Habit] = {
    "choice-numbered-in-words": Habit(
        stream((chunk([{"index": "0", "delta": {"content": "Hello"}}]),), finish("stop")), said("Hello", COUNTED)
    ),
    "choice-numbered-otherwise": Habit(
        Stream((raw('{"choices": [{"index": NaN, "delta": {"content": "Hello"}}]}'),)),
        Refused("api_error", "the upstream sent `index` in a form that is not known"),
    ),
    "second-choice-only": Habit(
        Stream((chunk([{"index": 1, "delta": {"content": "Hello"}, "finish_reason": "stop"}]), DONE)),
        Refused("api_error", NO_END),
    ),
    "everything-null": Habit(
        stream(
            (
                chunk(
                    [
                        {
                            "index": None,
                            "delta": {
                                "role": None,
                                "content": "Hello",
                                **dict.fromkeys(("refusal", "tool_calls", "function_call", "audio", "annotations")),
                            },
                            "finish_reason": None,
                        }
                    ],
                    usage=None,
                    service_tier=None,
                ),
                chunk([{"index": 0, "delta": None}, None]),  # type: ignore[list-item]
            ),
            finish("stop"),
        ),
        said("Hello", COUNTED),
    ),
    "text-of-the-older-completions": Habit(
        Stream((chunk([{"text": "Hello"}]), chunk([{"text": "", "finish_reason": "stop"}], usage=USAGE), DONE)),
        said("Hello", COUNTED),
    ),
    "message-repeats": Habit(
        stream(
            text("Hello"),
            (chunk([{"message": {"content": "Hello"}, "finish_reason": "stop"}], usage=USAGE), DONE),
        ),
        said("Hello", COUNTED),
    ),
    "message-beside-deltas": Habit(
        stream(
            (chunk([{"delta": {"content": "Hello"}, "message": {"content": "Hello"}}]),),
            (chunk([{"delta": {}, "message": {"content": "Hello"}, "finish_reason": "stop"}], usage=USAGE), DONE),
        ),
        said("Hello", COUNTED),
    ),
    "parts-of-all-kinds": Habit(
        stream(
            (
                delta(
                    {
                        "content": [
                            {"type": "thinking", "thinking": "Hm."},
                            "Hel",
                            None,
                            {"type": "output_text", "text": "lo"},
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                            {"type": "hologram"},
                            {"type": "reference", "reference_ids": [1]},
                        ]
                    }
                ),
            ),
            finish("stop"),
        ),
        Answered("end_turn", (thinking("Hm."), text_block(f"Hello\n\n{IMAGE}\n{UNKNOWN}")), COUNTED),
    ),
    "part-that-is-none": Habit(
        stream(text("Hello"), MOMENT, (delta({"content": [7]}),), finish("stop")),
        BrokenOff("api_error", "the upstream sent `content` in a form that is not known"),
    ),
    "part-refuses": Habit(
        stream((delta({"content": [{"type": "refusal", "refusal": "I will not."}]}),), finish("stop")),
        Answered("refusal", (text_block("I will not."),), COUNTED),
    ),
    "refusal-as-object": Habit(
        stream((delta({"refusal": {"text": "I will not."}}),), finish("stop")),
        Answered("refusal", (text_block("I will not."),), COUNTED),
    ),
    "reasoning-as-object": Habit(
        stream((delta({"reasoning": {"text": "Hm."}}),), text("Hello"), finish("stop")),
        Answered("end_turn", (thinking("Hm."), text_block("Hello")), COUNTED),
    ),
    "sources-that-are-none": Habit(
        stream(
            text("Hello"), (delta({"annotations": [7, {"url_citation": {"title": "Rain"}}, SOURCE]}),), finish("stop")
        ),
        sourced(UNREADABLE, "Rain: https://weather.test"),
    ),
    "sources-flat": Habit(
        stream(
            text("Hello"),
            (delta({"annotations": [{"type": "url_citation", "url": "https://weather.test", "title": "Rain"}]}),),
            finish("stop"),
        ),
        sourced("Rain: https://weather.test"),
    ),
    "sources-beside-the-choices": Habit(
        ending({"citations": ["https://a.test", "https://b.test"], "usage": USAGE}),
        sourced("https://a.test", "https://b.test"),
    ),
    "error-in-a-choice": Habit(
        stream(
            HALF, MOMENT, (chunk([{"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "Gone"}}]),)
        ),
        BrokenOff("api_error", "Gone"),
    ),
    "error-in-a-delta": Habit(
        stream(HALF, MOMENT, (delta({"error": {"message": "Gone", "code": 429}}),), finish("stop")),
        BrokenOff("rate_limit_error", "Gone"),
    ),
    "error-of-gemini": Habit(
        stream(HALF, MOMENT, (raw('[{"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}]'),)),
        BrokenOff("overloaded_error", "Overloaded"),
    ),
    "error-that-is-a-word": Habit(events({"error": "model is loading"}), Refused("api_error", "model is loading")),
    "error-that-is-false": Habit(
        stream((chunk([{"delta": {"content": "Hello"}}], error=False),), finish("stop")), said("Hello", COUNTED)
    ),
    "error-with-our-key": Habit(
        events({"error": {"message": "Bad key sk-planted-0123456789", "code": 401}}),
        Refused("api_error", "the upstream refused this gateway's own account (status 401)"),
    ),
    "filter-in-the-middle": Habit(
        stream(HALF, MOMENT, (raw('{"error": {"code": "content_filter", "message": "Filtered"}}'),)),
        BrokenOff("invalid_request_error", "Filtered"),
    ),
    "filter-first": Habit(
        events({"error": {"code": "content_filter", "message": "Filtered"}}), Answered("refusal", ())
    ),
    "filter-of-azure": Habit(
        stream(
            (chunk([], prompt_filter_results=[{"prompt_index": 0, "content_filter_results": {}}]),),
            text("I can"),
            (chunk([{"delta": {}, "content_filter_results": {"violence": {"filtered": True}}}]),),
            finish("content_filter"),
        ),
        Answered("refusal", (text_block("I can"),), COUNTED),
    ),
}

CALLS: Mapping[str, Habit] = {
    "call-of-an-older-vllm": Habit(
        stream(
            calls(call_part(0, "chatcmpl-tool-1", "get_weather")),
            calls({"index": 0, "id": "chatcmpl-tool-2", "function": {"name": None, "arguments": '{"city": '}}),
            calls({"index": 0, "id": "chatcmpl-tool-3", "function": {"arguments": '"London"}'}}),
            finish("tool_calls"),
        ),
        AT_LONDON,
    ),
    "call-index-in-words": Habit(
        stream(
            calls({**call_part(0, "call_a", "get_weather", '{"city": '), "index": "0"}),
            calls({**call_part(0, "call_b", "get_time", "{"), "index": "1"}),
            calls(
                {"index": "0", "function": {"arguments": '"London"}'}}, {"index": "1", "function": {"arguments": "}"}}
            ),
            finish("tool_calls"),
        ),
        called(tool_use("get_weather", city="London"), tool_use("get_time")),
    ),
    "call-index-jumps": Habit(
        stream(call(7, "call_a", "get_weather", LONDON), call(3, "call_b", "get_time", "{}"), finish("tool_calls")),
        called(tool_use("get_weather", city="London"), tool_use("get_time")),
    ),
    "call-index-below-nothing": Habit(
        stream(calls(call_part(-1, "call_a", "get_weather", LONDON)), finish("tool_calls")), AT_LONDON
    ),
    "calls-by-the-hundred": Habit(
        stream(
            *(calls(call_part(at, f"call_{at}", "get_time", f'{{"n": {at}}}')) for at in range(300)),
            finish("tool_calls"),
        ),
        called(*(tool_use("get_time", n=at) for at in range(300))),
    ),
    "call-name-null": Habit(
        stream(
            MOMENT, calls({"index": 0, "id": "call_a", "function": {"name": None, "arguments": LONDON}}), finish("stop")
        ),
        BrokenOff("overloaded_error", NAMELESS),
    ),
    "call-name-blank-after-text": Habit(
        stream(text("Hello"), MOMENT, calls(call_part(0, "call_a", " ", LONDON)), finish("tool_calls")),
        BrokenOff("overloaded_error", NAMELESS),
    ),
    "call-name-between-spaces": Habit(
        stream(calls(call_part(0, "call_a", " get_weather ", LONDON)), finish("tool_calls")), AT_LONDON
    ),
    "call-without-function": Habit(
        stream(
            calls({"index": 0, "id": "call_a", "type": "function"}), call(0, "", "get_weather", LONDON), finish("stop")
        ),
        AT_LONDON,
    ),
    "call-of-nothing": Habit(stream(calls(None, {}), text("Hello"), finish("stop")), said("Hello", COUNTED)),
    "call-arguments-null": Habit(
        stream(
            calls({"index": 0, "id": "call_a", "function": {"name": "get_time", "arguments": None}}), finish("stop")
        ),
        called(tool_use("get_time")),
    ),
    "call-arguments-nought": Habit(
        stream(
            calls({"index": 0, "id": "call_a", "function": {"name": "get_time", "arguments": 0}}),
            MOMENT,
            finish("stop"),
        ),
        BrokenOff("api_error", "the upstream sent arguments for the tool 'get_time' that are no JSON object"),
    ),
    "call-arguments-encoded-twice": Habit(
        stream(calls(call_part(0, "call_a", "get_weather", json.dumps(LONDON))), MOMENT, finish("tool_calls")),
        BrokenOff("api_error", "the upstream sent arguments for the tool 'get_weather' that are no JSON object"),
    ),
    "call-arguments-after-finish": Habit(
        stream(
            call(0, "call_a", "get_weather", '{"city": '),
            (delta({}, "tool_calls"),),
            calls({"index": 0, "function": {"arguments": '"London"}'}}),
            (DONE,),
        ),
        AT_LONDON,
    ),
    "call-id-of-any-letters": Habit(
        stream(calls(call_part(0, "ключ 🚀" * 100, "get_weather", LONDON)), finish("tool_calls")), AT_LONDON
    ),
    "call-legacy-in-pieces": Habit(
        stream(
            (delta({"function_call": {"name": "get_weather"}}),),
            tuple(delta({"function_call": {"arguments": piece}}) for piece in ('{"city": ', '"London"}')),
            finish("function_call"),
        ),
        AT_LONDON,
    ),
    "call-cut-by-a-filter": Habit(
        stream(call(0, "call_a", "get_weather", '{"city": '), MOMENT, finish("content_filter")),
        BrokenOff("api_error", "the upstream sent arguments for the tool 'get_weather' that are no JSON object"),
    ),
    "call-complete-then-cut": Habit(
        stream(call(0, "call_a", "get_weather", LONDON), MOMENT, (Cut(b""),)), BrokenOff("api_error", CLOSED)
    ),
}

ENDS: Mapping[str, Habit] = {
    "finish-length-then-stop": Habit(reasons("length", "stop"), Answered("max_tokens", (text_block("Hello"),))),
    "finish-stop-then-length": Habit(reasons("stop", "length"), Answered("max_tokens", (text_block("Hello"),))),
    "finish-filter-then-stop": Habit(reasons("content_filter", "stop"), Answered("refusal", (text_block("Hello"),))),
    "finish-unknown-then-stop": Habit(
        reasons("melted", "stop"),
        BrokenOff("api_error", "the upstream stopped for a reason that is not known: 'melted'"),
    ),
    "finish-filter-of-gemini": Habit(
        reasons("content_filter: PROHIBITED_CONTENT"), Answered("refusal", (text_block("Hello"),))
    ),
    "finish-in-capitals": Habit(reasons("STOP"), said("Hello")),
    "finish-of-tgi": Habit(reasons("stop_sequence"), said("Hello")),
    "finish-of-deepseek": Habit(
        reasons("insufficient_system_resource"),
        BrokenOff("overloaded_error", "the upstream broke the answer off for want of resources"),
    ),
    "finish-that-is-no-text": Habit(reasons(7), BrokenOff("api_error", NO_END)),
    "usage-of-one-side": Habit(counting({"prompt_tokens": 12}), said("Hello", (12, 2))),
    "usage-beyond-counting": Habit(
        counting({"prompt_tokens": 12, "completion_tokens": 10**40}), said("Hello", (12, 2))
    ),
    "usage-in-fractions": Habit(counting({"prompt_tokens": 12.0, "completion_tokens": 3.7}), said("Hello", (12, 3))),
    "usage-in-words": Habit(counting({"prompt_tokens": "12", "completion_tokens": "3"}), said("Hello", (12, 3))),
    "usage-in-both-styles": Habit(
        counting({"prompt_tokens": 12, "completion_tokens": 3, "input_tokens": 12, "output_tokens": 3}),
        said("Hello", (12, 3)),
    ),
    "usage-details-null": Habit(
        counting({"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": None}), said("Hello", (12, 3))
    ),
    "usage-of-a-choice": Habit(
        stream(
            text("Hello"),
            (
                chunk([{"delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 12, "completion_tokens": 3}}]),
                DONE,
            ),
        ),
        said("Hello", (12, 3)),
    ),
    "usage-of-groq": Habit(
        ending({"x_groq": {"usage": {"prompt_tokens": 12, "completion_tokens": 3}}}), said("Hello", (12, 3))
    ),
}

EXCHANGES: Mapping[str, Habit] = {
    "http-of-1-0": Habit(
        Verbatim(b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + PLAIN_BYTES), said(GREETING, COUNTED)
    ),
    "http-of-0-9": Habit(Verbatim(PLAIN_BYTES), Refused("api_error", CLOSED)),
    "http-status-of-four-digits": Habit(
        Verbatim(b"HTTP/1.1 1000 Odd\r\ncontent-length: 0\r\n\r\n"), Refused("api_error", CLOSED)
    ),
    "http-status-without-words": Habit(Verbatim(CLOSING.replace(b" OK", b"") + PLAIN_BYTES), said(GREETING, COUNTED)),
    "http-upgrade": Habit(
        Verbatim(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
        Refused("api_error", CLOSED),
    ),
    "http-interim-without-end": Habit(
        Verbatim(b"HTTP/1.1 102 Processing\r\n\r\n" * 20_000), Refused("api_error", CLOSED)
    ),
    "http-partial-content": Habit(Whole(206, PLAIN_BYTES, EVENTS), said(GREETING, COUNTED)),
    "http-trailers": Habit(
        chunked(sized(PLAIN_BYTES), end=b"0\r\ncontent-type: text/html\r\n\r\n"), said(GREETING, COUNTED)
    ),
    "http-chunk-extensions": Habit(chunked(sized(PLAIN_BYTES, b";a=b")), said(GREETING, COUNTED)),
    "http-chunk-too-large": Habit(chunked(b"f" * 40 + b"\r\n" + PLAIN_BYTES), Refused("api_error", CLOSED)),
    "http-two-lengths": Habit(
        Verbatim(HEAD + b"content-length: %d\r\ncontent-length: 5\r\n\r\n" % len(PLAIN_BYTES) + PLAIN_BYTES),
        Refused("api_error", CLOSED),
    ),
    "http-length-and-chunks": Habit(
        Verbatim(HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n" + sized(PLAIN_BYTES) + b"0\r\n\r\n"),
        Refused("api_error", CLOSED),
    ),
    "http-length-of-nothing": Habit(of_length(0, PLAIN_BYTES), Refused("api_error", NO_END)),
    "limited-in-fractions": Habit(refusal(429, LIMITED, retry_after="1.5"), Refused("rate_limit_error", "Slow down")),
    "limited-below-nothing": Habit(refusal(429, LIMITED, retry_after="-3"), Refused("rate_limit_error", "Slow down")),
    "limited-until": Habit(
        refusal(429, LIMITED, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), Refused("rate_limit_error", "Slow down")
    ),
    "overloaded-529": Habit(refusal(529, error("Overloaded")), Refused("overloaded_error", "Overloaded")),
    "error-of-cloudflare": Habit(
        refusal(400, {"success": False, "errors": [{"code": 7000, "message": "No route"}]}),
        Refused("invalid_request_error", "No route"),
    ),
    "error-of-fastify": Habit(
        refusal(400, {"statusCode": 400, "error": "Bad Request", "message": "n is not known"}),
        Refused("invalid_request_error", "n is not known"),
    ),
    "error-of-other-letters": Habit(
        Whole(400, b'{"error": {"message": "caf\xe9"}}', JSON), Refused("invalid_request_error", "caf\ufffd")
    ),
    "error-with-our-key-403": Habit(
        refusal(403, error("Key sk-planted-0123456789 of proj_planted0123456789 may not")),
        Refused("api_error", "the upstream refused this gateway's own account (status 403)"),
    ),
}

HABITS: Mapping[str, Habit] = {**FRAMES, **SAYINGS, **CALLS, **ENDS, **EXCHANGES}
