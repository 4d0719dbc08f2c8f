"""The Lambda Runtime API, for many workers at once: each has its own path, as it would have its own machine on AWS.

Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and runtimes-custom.html ("Response streaming").

A chunk of a streamed answer goes from the worker's connection to the caller's in one step of one task: uvicorn wakes
the task below, which awaits the caller's own `send`. There is no queue between, so a caller who reads slowly slows the
worker down.

Error trailers: httptools reports a request's trailers as further headers before the message is complete, and uvicorn
appends them to the list that is `scope["headers"]`; so they can be read once the body has ended.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Final, Protocol

from edgeway.local import failures
from edgeway.local.answers import Answer, Prelude, WrongShape, read_proxy_answer
from edgeway.local.asgi import Headers, Receive, Scope, Send
from edgeway.local.events import ACCOUNT_ID
from edgeway.local.failures import Failure
from edgeway.local.invocations import Invocation
from edgeway.local.workers import Poll

VERSION: Final = "2018-06-01"
RESPONSE_LIMIT: Final = 6 * 1024 * 1024
"""Bytes of an answer that is not streamed."""

_ERROR_TYPE: Final = b"lambda-runtime-function-error-type"
_STREAMING: Final = (b"lambda-runtime-function-response-mode", b"streaming")

logger = logging.getLogger(__name__)


class WorkerClient(Protocol):
    """A worker, as it shows itself here."""

    @property
    def invocation(self) -> Invocation | None:
        """What it serves."""

    def poll(self) -> Poll:
        """Ask for the next invocation."""


class ForkServerClient(Protocol):
    """A fork server, as it shows itself here."""

    def init_failed(self, reason: str) -> None:
        """The handler cannot be imported."""


class RuntimeApi:
    """An ASGI application. Who calls is told by the first segment of the path."""

    def __init__(
        self, workers: Mapping[str, WorkerClient], fork_servers: Mapping[str, ForkServerClient], region: str | None
    ) -> None:
        self._workers = workers
        self._fork_servers = fork_servers
        self._region = region or "us-east-1"  # an ARN has one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a worker or of a fork server."""
        _, client, *path = scope["path"].split("/")
        match scope["method"], path:
            case "GET", [version, "runtime", "invocation", "next"] if version == VERSION and client in self._workers:
                await self._next(self._workers[client], send)
            case "POST", [version, "runtime", "invocation", invocation_id, outcome] if (
                version == VERSION and client in self._workers and outcome in ("response", "error")
            ):
                invocation = self._workers[client].invocation
                if invocation is None or invocation.id != invocation_id or invocation.over:
                    await _reply(send, 410)
                else:
                    await _take_outcome(outcome, invocation, scope, receive, send)
            case "POST", [version, "runtime", "init", "error"] if version == VERSION and client in self._fork_servers:
                self._fork_servers[client].init_failed(_error_type(scope["headers"]))
                await _reply(send, 202)
            case _:
                await _reply(send, 404)

    async def _next(self, worker: WorkerClient, send: Send) -> None:
        invocation = await worker.poll()
        if invocation is None:
            await _reply(send, 410)
            return
        function = invocation.match.function
        deadline = time.time() + function.timeout_seconds
        headers = {
            "content-type": "application/json",
            "content-length": str(len(invocation.event)),
            "lambda-runtime-aws-request-id": invocation.id,
            "lambda-runtime-deadline-ms": str(int(deadline * 1000)),
            "lambda-runtime-invoked-function-arn": (
                f"arn:aws:lambda:{self._region}:{ACCOUNT_ID}:function:{function.name}"
            ),
        }
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": encoded})
        await send({"type": "http.response.body", "body": invocation.event})
        invocation.event = b""  # the worker has it; a stream goes on for minutes, and a body may be large


async def _take_outcome(outcome: str, invocation: Invocation, scope: Scope, receive: Receive, send: Send) -> None:
    """Take what a worker says of its invocation, and end that."""
    invocation.answering = True
    function = invocation.function
    try:
        if outcome == "error":
            failure: Failure | None = failures.broken(function)
        elif (_STREAMING in scope["headers"]) != invocation.match.route.streams:
            failure = failures.wrong_shape(function, "its route streams and the answer does not, or the reverse")
        elif invocation.match.route.streams:
            failure = await _stream(invocation, scope, receive)
        else:
            failure = await _whole(invocation, receive)
    except WrongShape as error:
        failure = failures.wrong_shape(function, str(error))
    except Exception:
        logger.exception("the server failed to forward an answer of %s", function)
        failure = failures.internal()
    invocation.end(failure)
    await _reply(send, 202)


async def _stream(invocation: Invocation, scope: Scope, receive: Receive) -> Failure | None:
    """Forward a streamed answer, piece by piece as it comes."""
    answer = invocation.answer
    prelude = Prelude()
    while True:
        message = await receive()
        if invocation.over or message["type"] == "http.disconnect":
            return failures.broken(invocation.function)
        piece = message["body"]
        if answer.status is None:
            piece = await _begin(answer, prelude, piece)
        if piece:
            await answer.write(piece)
        if not message["more_body"]:
            break
    if any(name == _ERROR_TYPE for name, _ in scope["headers"]):
        return failures.broken(invocation.function)
    if answer.status is None:
        raise WrongShape("it ends before its prelude does")
    await answer.finish()
    return None


async def _begin(answer: Answer, prelude: Prelude, piece: bytes) -> bytes:
    """Begin the answer if the piece completes the prelude; return what is left of the piece."""
    complete = prelude.feed(piece)
    if complete is None:
        return b""
    head, body = complete
    await answer.begin(head)
    return body


async def _whole(invocation: Invocation, receive: Receive) -> Failure | None:
    """Pass on an answer that is not streamed."""
    payload = bytearray()
    more_body = True
    while more_body:
        message = await receive()
        if invocation.over or message["type"] == "http.disconnect":
            return failures.broken(invocation.function)
        payload += message["body"]
        more_body = message["more_body"]
        if len(payload) > RESPONSE_LIMIT:
            raise WrongShape(f"it exceeds {RESPONSE_LIMIT} bytes")
    head, body = read_proxy_answer(bytes(payload))
    await invocation.answer.whole(head, body)
    return None


def _error_type(headers: Headers) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == _ERROR_TYPE), "an unknown error")


async def _reply(send: Send, status: int) -> None:
    body = json.dumps({"status": "OK" if status < 300 else "Gone" if status == 410 else "Not found"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 410:
        headers.append((b"connection", b"close"))  # its next write is to fail: nobody waits for the answer
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
