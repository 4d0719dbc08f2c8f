"""Calls AWS with signatures of our own, since boto3's client takes longer to load than a function."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from streaming.connection import KeptConnections, Response

from gateway.aws.endpoint import READ_SECONDS, AwsEndpoint, address_of
from gateway.aws.signature import Credentials, signed_headers
from gateway.aws.types import AwsError, Service

ATTEMPTS = 3
KEEP_SECONDS = 60.0
"""After which an idle connection is not tried: while the environment was frozen, nobody saw it die."""
_FIRST_PAUSE_SECONDS = 0.05


class SignedClient:
    """A client of one service. It keeps its connection, and opens a new one where the other side has closed it.

    `clock` gives seconds since the epoch, `pause` gets seconds.
    """

    def __init__(
        self,
        service: Service,
        endpoint: AwsEndpoint,
        credentials: Credentials,
        *,
        region: str,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._service = service
        self._endpoint = endpoint
        self._credentials = credentials
        self._region = region
        self._connections = KeptConnections(endpoint)
        self._idle_since = 0.0
        self._clock = clock
        self._pause = pause

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call and return the answer.

        Raises `AwsError`; a passing error is raised after `ATTEMPTS` attempts.
        """
        body = json.dumps(parameters).encode()
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._attempt(operation, body)
            except AwsError as error:
                if not error.is_passing:
                    raise
            await self._pause(random.uniform(0, _FIRST_PAUSE_SECONDS * 2**attempt))
        return await self._attempt(operation, body)

    def close(self) -> None:
        """Close the connection. The next call opens another."""
        self._connections.close()

    async def _attempt(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = signed_headers(
            {
                "host": self._endpoint.authority,
                "content-type": self._service.content_type,
                "x-amz-target": f"{self._service.target}.{operation}",
            },
            body,
            self._credentials,
            region=self._region,
            service=self._service.name,
            now=self._clock(),
        )
        del headers["host"]  # the connection says it by itself
        headers["content-length"] = str(len(body))
        try:
            response = await self._exchange(headers, body)
        except OSError as error:
            message = f"{self._service.name} cannot be reached ({type(error).__name__})"
            raise AwsError(operation, "ConnectionError", message) from error
        return _result(operation, response)

    async def _exchange(self, headers: Mapping[str, str], body: bytes) -> Response:
        if self._clock() - self._idle_since > KEEP_SECONDS:
            self._connections.close()
        async with asyncio.timeout(READ_SECONDS):
            response = await self._connections.request("POST", "/", headers, body)
        self._idle_since = self._clock()
        return response


def open_signed_client(service: Service, environ: Mapping[str, str], region: str) -> SignedClient:
    """Open the client of a service with the credentials of Lambda, which outlive the environment."""
    token = environ.get("AWS_SESSION_TOKEN")
    credentials = Credentials(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], token or None)
    return SignedClient(service, AwsEndpoint(address_of(service.name, region, environ)), credentials, region=region)


def _result(operation: str, response: Response) -> dict[str, Any]:
    status, found = response.status, None
    with suppress(ValueError):
        found = json.loads(response.body)
    if not isinstance(found, dict):
        raise AwsError(operation, f"HTTP{status}", "the answer is not a JSON object", status=status)
    if status == HTTPStatus.OK:
        return found
    code = str(found.get("__type") or f"HTTP{status}").rpartition("#")[2].partition(":")[0]
    # What stands below the first line of a complaint about a signature repeats the request, session token and all.
    message = str(found.get("message") or found.get("Message") or "").partition("\n")[0]
    raise AwsError(operation, code, message, status=status)
