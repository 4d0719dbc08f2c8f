"""The requests of the Lambda Runtime API. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

import json
from collections.abc import Mapping

from streaming.connection import Endpoint, KeptConnections, Response
from streaming.failure import Failure
from streaming.stream import HEADERS, CallerGoneError, ResponseStream

VERSION = "/2018-06-01/runtime"


class RuntimeApiError(Exception):
    """The Runtime API refused a request, which leaves nothing to go on with."""


class Invocation:
    """One event, still in JSON, and the headers that came with it (names in lower case)."""

    __slots__ = ("_event", "headers", "request_id")

    def __init__(self, headers: Mapping[str, str], event: bytes) -> None:
        self.request_id = headers["lambda-runtime-aws-request-id"]
        self.headers = headers
        self._event = event

    def take_event(self) -> object:
        """The event, once: its JSON, which may be megabytes, is let go."""
        event, self._event = self._event, b"null"
        return json.loads(event)


class RuntimeApi:
    """A client for one execution environment."""

    def __init__(self, address: str) -> None:
        """Address: the value of AWS_LAMBDA_RUNTIME_API."""
        self._endpoint = Endpoint(address)
        self._connections = KeptConnections(self._endpoint)

    async def next(self) -> Invocation:
        """Wait for the next invocation; Lambda may freeze the process meanwhile. OSError: nobody answers."""
        response = await self._connections.request("GET", f"{VERSION}/invocation/next", {})
        if response.status != 200:
            raise RuntimeApiError(f"no invocation, but status {response.status}")
        return Invocation(response.headers, response.body)

    async def restored(self) -> None:
        """Let Lambda take its snapshot, and wait until the process goes on in a copy of it. OSError: nobody answers."""
        response = await self._connections.request("GET", f"{VERSION}/restore/next", {})
        if response.status != 200:
            raise RuntimeApiError(f"no restored environment, but status {response.status}")
        self._connections.close()  # it was open in the original

    async def respond(self, request_id: str, body: bytes) -> Response:
        """Answer an invocation as a whole. CallerGoneError: nobody answers."""
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        path = f"{VERSION}/invocation/{request_id}/response"
        try:
            return await self._connections.request("POST", path, headers, body)
        except OSError as error:
            raise CallerGoneError from error

    async def connect_stream(self) -> ResponseStream:
        """A connection of its own for one streamed answer. CallerGoneError: nobody answers."""
        try:
            return ResponseStream(*await self._endpoint.connect())
        except OSError as error:
            raise CallerGoneError from error

    def stream_head(self, request_id: str) -> bytes:
        """The head of the request that streams the answer to an invocation."""
        return self._endpoint.head("POST", f"{VERSION}/invocation/{request_id}/response", HEADERS)

    async def fail(self, request_id: str, failure: Failure) -> None:
        """Answer an invocation with an error, before anything else was answered. OSError: nobody answers."""
        await self._report(f"/invocation/{request_id}/error", failure)

    async def fail_init(self, failure: Failure) -> None:
        """Report that the handler cannot be imported. OSError: nobody answers."""
        await self._report("/init/error", failure)

    def close(self) -> None:
        """Close the connection."""
        self._connections.close()

    async def _report(self, path: str, failure: Failure) -> None:
        body = failure.as_json()
        headers = {
            "Content-Type": "application/vnd.aws.lambda.error+json",
            "Content-Length": str(len(body)),
            "Lambda-Runtime-Function-Error-Type": failure.kind,
        }
        await self._connections.request("POST", VERSION + path, headers, body)
