"""Answers that are no good HTTP, or whose connection fails."""

from __future__ import annotations

from collections.abc import Mapping

from tests.upstreams.answers import Answer, Cut, HangUp, Raw, Reset, Stream, Verbatim, Whole
from tests.upstreams.chat import finish, stream, text
from tests.upstreams.framings import PLAIN_BYTES
from tests.upstreams.shapes import MOMENT

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CLOSING = HEAD + b"connection: close\r\n\r\n"
HALF = PLAIN_BYTES[: len(PLAIN_BYTES) // 2]
POISON = HEAD + b"content-length: 14\r\n\r\ndata: poison\n\n"
HERE = "http://127.0.0.1:1/elsewhere"


def of_length(length: int, body: bytes) -> Verbatim:
    """An answer that says how long it is."""
    return Verbatim(HEAD + b"content-length: %d\r\n\r\n" % length + body)


BROKEN_CONNECTIONS: Mapping[str, Answer] = {
    # the connection ends
    "hang-up": HangUp(),
    "cut-before-text": Stream((Cut(b""),)),
    "reset-at-once": Stream((Reset(),)),
    "reset": stream(text("Half an ans"), MOMENT, (Reset(),)),
    "closed-in-the-head": Verbatim(b"HTTP/1.1 200 OK\r\ncontent-type: text/ev"),
    "closed-for-the-end": Verbatim(CLOSING + PLAIN_BYTES),
    "closed-in-the-middle": Verbatim(CLOSING + HALF),
    # the length is wrong
    "shorter-than-it-says": of_length(len(PLAIN_BYTES) + 100, HALF),
    "longer-than-it-says": of_length(len(HALF), PLAIN_BYTES),
    "length-negative": of_length(-1, PLAIN_BYTES),
    "chunk-of-no-size": stream(text("Half an ans"), MOMENT, (Raw(b"zz\r\noops\r\n"),), finish("stop")),
    "chunk-without-its-end": stream(text("Half an ans"), MOMENT, (Raw(b"5\r\nabcdefghij\r\n"),), finish("stop")),
    # what comes before the answer, in its stead or after it
    "early-hints": Verbatim(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + CLOSING + PLAIN_BYTES),
    "continue": Verbatim(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + CLOSING + PLAIN_BYTES),
    "no-http": Verbatim(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "no-header": Verbatim(b"HTTP/1.1 200 OK\r\nthis is no header\r\n\r\n" + PLAIN_BYTES),
    "head-without-end": Verbatim(HEAD + b"x: " + b"y" * 400_000),
    "answer-after-the-answer": of_length(len(PLAIN_BYTES), PLAIN_BYTES + CLOSING + PLAIN_BYTES),
    "answer-that-nobody-asked-for": Stream((*stream(text("Hello"), finish("stop")).steps, Raw(b"0\r\n\r\n" + POISON))),
    "redirect": Whole(302, b"", {"location": HERE}),
    "redirect-for-good": Whole(308, b"", {"location": HERE}),
}
