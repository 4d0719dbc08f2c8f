"""Answers whose server-sent events, content types and JSON are not as they should be."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping

from tests.upstreams.answers import EVENTS, Answer, Send, Stream, Wait, Whole
from tests.upstreams.chat import DONE, call, delta, event, finish, stream, text
from tests.upstreams.shapes import MOMENT, in_bytes, sent_by, with_crlf

JSON = {"content-type": "application/json"}
PEOPLE = "naïve 👩\u200d🚀 日本"
PLAIN = stream(text("Hello", " from", " the upstream"), finish("stop"))
PLAIN_BYTES = sent_by(PLAIN)
WHOLE = {
    "id": "chatcmpl-scripted",
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3},
}


def sending(*pieces: bytes) -> Stream:
    """Status 200, and these pieces of the body."""
    return Stream(tuple(Send(piece) for piece in pieces))


FRAMINGS: Mapping[str, Answer] = {
    # how the bytes are cut
    "unicode": in_bytes(stream(text(PEOPLE), finish("stop"))),
    "unicode-in-arguments": in_bytes(
        stream(call(0, "call_a", "get_weather", f'{{"city": "{PEOPLE}"}}'), finish("tool_calls"))
    ),
    "drip": Stream(
        tuple(step for at in range(0, len(PLAIN_BYTES), 40) for step in (Send(PLAIN_BYTES[at : at + 40]), Wait(0.005)))
    ),
    "all-at-once": sending(PLAIN_BYTES),
    # how the lines end, and what they are
    "crlf": with_crlf(PLAIN),
    "crlf-in-bytes": in_bytes(with_crlf(PLAIN)),
    "cr": sending(PLAIN_BYTES.replace(b"\n", b"\r")),
    "byte-order-mark": sending(b"\xef\xbb\xbf" + PLAIN_BYTES),
    "comments-between": sending(b": OPENROUTER PROCESSING\n\n", PLAIN_BYTES, b": done\n\n"),
    "comments-only": sending(b": OPENROUTER PROCESSING\n\n" * 3),
    "other-fields": sending(b"id: 1\nretry: 10\nevent: chunk\n" + PLAIN_BYTES),
    "data-on-two-lines": sending(
        b'data: {"choices": [{"delta":\ndata: {"content": "Hello"}}]}\n\n',
        *(step.data for step in finish("stop") if isinstance(step, Send)),
    ),
    "no-blank-line-at-the-end": sending(PLAIN_BYTES.removesuffix(DONE.data).removesuffix(b"\n\n")),
    "done-twice": sending(PLAIN_BYTES, DONE.data),
    "done-without-finish": stream(text("Hello"), MOMENT, (DONE,)),
    "more-after-done": sending(PLAIN_BYTES, event({"error": {"message": "too late"}}), b"data: {oops\n\n"),
    # what the events hold
    "large-event": stream(text("x" * 1_000_000), finish("stop")),
    "endless-event": Stream((Send(b"data: "), *(Send(b"x" * 1_000_000) for _ in range(11)))),
    "nul-in-text": stream(text("a\0b"), finish("stop")),
    "nul-bytes": sending(b"\0" * 64 + b"\n\n", b"data: \0\n\n"),
    "no-utf-8": sending(PLAIN_BYTES.replace(b"from", b"\xff\xfe")),
    "half-surrogates": sending(
        *(b'data: {"choices": [{"delta": {"content": "\\u' + half + b'"}}]}\n\n' for half in (b"d83d", b"de00")),
        PLAIN_BYTES,
    ),
    "nested-too-deeply": sending(b'data: {"choices": ' + b"[" * 100_000 + b"\n\n"),
    "json-that-is-no-object": sending(b"data: [1, 2]\n\n"),
    "numbers-for-text": Stream((delta({"content": 7}), *finish("stop"))),
    "text-in-parts": stream((delta({"content": [{"type": "text", "text": "Hello"}]}),), finish("stop")),
    "empty-deltas": stream(tuple(delta({"content": piece}) for piece in ("", "Hello", "", "")), finish("stop")),
    # what the answer says it is
    "text-plain": Stream(PLAIN.steps, headers={"content-type": "text/plain"}),
    "no-content-type": Stream(PLAIN.steps, headers={}),
    "whole-though-a-stream-was-asked": Whole(200, json.dumps(WHOLE).encode(), JSON),
    "html-200": Whole(200, b"<html><body>Sign in</body></html>", {"content-type": "text/html"}),
    "html-as-events": Whole(200, b"<html><body>Sign in</body></html>", EVENTS),
    "empty-200": Whole(200, b"", EVENTS),
    "empty-object-200": Whole(200, b"{}", JSON),
    "error-200": Whole(200, b'{"error": {"message": "The engine is overloaded", "code": 503}}', JSON),
    "gzip-though-identity-was-asked": Whole(
        200, gzip.compress(PLAIN_BYTES, mtime=0), {**EVENTS, "content-encoding": "gzip"}
    ),
    "no-content-204": Whole(204, b""),
}
