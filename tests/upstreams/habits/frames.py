"""Server-sent events and whole answers that are framed in forms of their own."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

from tests.upstreams.answers import EVENTS, Cut, Reset, Send, Stream, Wait, Whole
from tests.upstreams.chat import DONE, USAGE, delta, event, finish, stream, text
from tests.upstreams.errors import error
from tests.upstreams.expected import BrokenOff, Refused, said
from tests.upstreams.framings import JSON, PLAIN, PLAIN_BYTES, WHOLE, sending
from tests.upstreams.habits.habit import (
    COUNTED,
    GREETING,
    HALF,
    NO_END,
    NO_JSON,
    OCTETS,
    WHOLE_BYTES,
    Habit,
    of_events,
    raw,
    without_data,
)
from tests.upstreams.shapes import MOMENT, events

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
    "whole-compressed": Habit(
        Whole(200, zlib.compress(WHOLE_BYTES), {**JSON, "content-encoding": "deflate"}),
        Refused("api_error", "the upstream compressed its answer, which it was asked not to"),
    ),
    "events-not-compressed": Habit(
        Stream(PLAIN.steps, headers={**EVENTS, "content-encoding": "identity"}), said(GREETING, COUNTED)
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
