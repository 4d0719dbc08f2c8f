"""Reads the head of a function's answer, and writes answers to callers."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from streaming import StreamingResponse

from edgeway.local.web.asgi import Headers, Send
from edgeway.local.web.failures import Failure
from edgeway.local.web.server_sent_events import WholeEvents

PRELUDE_LIMIT: Final = 16 * 1024
"""Bytes of status and headers of a streamed answer (API Gateway, "Response transfer mode")."""
RESPONSE_LIMIT: Final = 6 * 1024 * 1024
"""Bytes of an answer that is not streamed."""

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_CONNECTION_HEADERS: Final = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""These describe the connection, and the server writes them itself."""


class WrongShape(ValueError):  # noqa: N818 the name says what is wrong with the answer
    """An answer that API Gateway would not take; the message names the problem, never the content."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer."""

    status: int
    headers: Headers


def read_head(document: object) -> Head:
    """Read `statusCode`, `headers`, `multiValueHeaders` and `cookies` of a proxy answer."""
    if not isinstance(document, dict):
        raise WrongShape("it is no object")
    status = document.get("statusCode", 200)
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise WrongShape("statusCode is no status")
    headers = [(name, _value(value)) for told, value in _pairs(document) if (name := _name(told)) is not None]
    if b"content-type" not in dict(headers):
        headers.append((b"content-type", b"application/json"))
    return Head(status, headers)


def read_proxy_answer(document: object) -> tuple[Head, bytes]:
    """Read the whole answer of a function."""
    head = read_head(document)
    body = document.get("body") if isinstance(document, dict) else None
    if body is None:
        body = ""
    if not isinstance(body, str):
        raise WrongShape("body is no string")
    if not isinstance(document, dict) or not document.get("isBase64Encoded"):
        return head, body.encode()
    try:
        return head, base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise WrongShape("body is no base64") from error


def read_stream(response: StreamingResponse) -> tuple[Head, AsyncIterator[bytes]]:
    """Read what a function answers with piece by piece."""
    head = read_head({"statusCode": response.status, "headers": dict(response.headers)})
    if sum(len(name) + len(value) for name, value in head.headers) > PRELUDE_LIMIT:
        raise WrongShape(f"its headers exceed {PRELUDE_LIMIT} bytes")
    body: object = response.body
    if not isinstance(body, AsyncIterator):
        raise WrongShape("its body is no async iterator")
    return head, body


class Answer:
    """The answer to one caller. Once begun it is finished, or it is visibly broken."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self._events: WholeEvents | None = None
        self.status: int | None = None
        """None until it has begun."""
        self.broke_off = False
        """Whether it failed after it had begun: its status says nothing of that."""

    async def stream(self, result: object) -> None:
        """Send what a function has answered on a route that streams."""
        if not isinstance(result, StreamingResponse):
            await self.whole(*read_proxy_answer(result))
            return
        head, pieces = read_stream(result)
        await self.begin(head)
        async for piece in pieces:
            await self.write(piece)
        await self.finish()

    async def send(self, result: object) -> None:
        """Send what a function has answered on a route that does not stream."""
        if isinstance(result, StreamingResponse):
            head, pieces = read_stream(result)
            body = b"".join([piece async for piece in pieces])
        else:
            head, body = read_proxy_answer(result)
        if len(body) > RESPONSE_LIMIT:
            raise WrongShape(f"it exceeds {RESPONSE_LIMIT} bytes")
        await self.whole(head, body)

    async def begin(self, head: Head) -> None:
        """Send status and headers."""
        self.status = head.status
        if any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in head.headers):
            self._events = WholeEvents()
        await self._send({"type": "http.response.start", "status": head.status, "headers": head.headers})

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body at once; of an event stream, its whole events."""
        if self._events is not None:
            piece = self._events.feed(piece)
        if piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def finish(self) -> None:
        """End the answer as it should end."""
        held = b"" if self._events is None else self._events.close()
        await self._send({"type": "http.response.body", "body": held, "more_body": False})

    async def whole(self, head: Head, body: bytes) -> None:
        """Send a whole answer."""
        length = (b"content-length", str(len(body)).encode())
        self.status = head.status
        await self._send({"type": "http.response.start", "status": head.status, "headers": [*head.headers, length]})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def fail(self, failure: Failure) -> None:
        """Say that it failed: by status, or by a last event.

        A body of another kind that had begun is left unfinished: the connection is then closed without the end that
        HTTP asks for, so that no half answer looks whole.
        """
        if self.status is None:
            await self.whole(Head(failure.status, failure.headers(self.request_id)), failure.body(self.request_id))
            return
        self.broke_off = True
        if self._events is not None:
            event = failure.event(self.request_id)
            await self._send({"type": "http.response.body", "body": event, "more_body": False})


def _pairs(document: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the headers; API Gateway merges both maps, and does not repeat a pair that is in both."""
    several = document.get("multiValueHeaders") or {}
    single = document.get("headers") or {}
    if not isinstance(several, dict) or not isinstance(single, dict):
        raise WrongShape("its headers are no object")
    cookies = document.get("cookies") or []
    if not all(isinstance(each, list) for each in (cookies, *several.values())):
        raise WrongShape("the values of a header are no list")
    for name, values in several.items():
        for value in values:
            yield name, value
    for name, value in single.items():
        if name not in several or value not in several[name]:
            yield name, value
    for cookie in cookies:
        yield "set-cookie", cookie


@lru_cache(maxsize=256)
def _name(name: str) -> bytes | None:
    """The name of a header as it is sent; None for one that the server writes itself."""
    if not _TOKEN.fullmatch(name):
        raise WrongShape("a header is no HTTP header")
    lower = name.lower()
    return None if lower in _CONNECTION_HEADERS else lower.encode("ascii")


def _value(value: object) -> bytes:
    text = str(value)
    if not _VALUE.fullmatch(text):
        raise WrongShape("a header is no HTTP header")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise WrongShape("a header is no HTTP header") from error
