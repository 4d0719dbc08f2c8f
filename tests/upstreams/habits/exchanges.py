"""HTTP, and answers that are errors, in forms that one upstream or another has."""

from __future__ import annotations

from collections.abc import Mapping

from tests.upstreams.answers import EVENTS, Verbatim, Whole
from tests.upstreams.connections import CLOSING, HEAD, of_length
from tests.upstreams.errors import error
from tests.upstreams.expected import Refused, said
from tests.upstreams.framings import JSON, PLAIN_BYTES
from tests.upstreams.habits.habit import CLOSED, COUNTED, GREETING, LIMITED, NO_END, Habit, chunked, sized
from tests.upstreams.shapes import refusal

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
