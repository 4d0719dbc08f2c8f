"""Serves the demo model over HTTP: plain ASGI, three routes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from edgeway.demo import MODEL
from edgeway.demo.chunks import Answer, chunks, completion, make_answer
from edgeway.demo.conversation import InvalidRequestError, read_request
from edgeway.demo.plan import make_plan
from edgeway.local.web.asgi import Receive, Scope, Send

MODELS: Final = {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "edgeway"}]}
DONE: Final = b"data: [DONE]\n\n"


class DemoModel:
    """The ASGI application."""

    def __init__(self, pace: float) -> None:
        """Take the seconds between two words."""
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        match scope["method"], scope["path"].rstrip("/"):
            case "POST", "/v1/chat/completions":
                await self._complete(receive, send)
            case "GET", "/v1/models":
                await _send_json(send, 200, MODELS)
            case _:
                await _send_json(send, 404, _error("this server knows POST /v1/chat/completions and GET /v1/models"))

    async def _complete(self, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        try:
            asked = _parsed(body)
            request = read_request(asked)
        except InvalidRequestError as error:
            await _send_json(send, 400, _error(str(error)))
            return
        answer = make_answer(make_plan(request), request, f"chatcmpl-{hashlib.sha256(body).hexdigest()[:24]}")
        if asked.get("stream") is True:
            include_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
            await self._stream(answer, receive, send, include_usage=include_usage)
        else:
            await _send_json(send, 200, completion(answer))

    async def _stream(self, answer: Answer, receive: Receive, send: Send, *, include_usage: bool) -> None:
        await _start(send, 200, b"text/event-stream; charset=utf-8")
        leaving = asyncio.ensure_future(receive())  # returns when the caller has gone
        try:
            for chunk in chunks(answer, include_usage=include_usage):
                data = json.dumps(chunk, ensure_ascii=False, separators=(",", ":"))
                await send({"type": "http.response.body", "body": f"data: {data}\n\n".encode(), "more_body": True})
                if (await asyncio.wait({leaving}, timeout=self._pace))[0]:
                    return
            await send({"type": "http.response.body", "body": DONE})
        finally:
            leaving.cancel()


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise InvalidRequestError("the body is no JSON") from error
    if not isinstance(asked, dict):
        raise InvalidRequestError("the body is no JSON object")
    return asked


async def _body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


async def _start(send: Send, status: int, content_type: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", content_type)]})


async def _send_json(send: Send, status: int, value: Mapping[str, Any]) -> None:
    await _start(send, status, b"application/json")
    await send({"type": "http.response.body", "body": json.dumps(value, ensure_ascii=False).encode()})


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
