"""Calls to AWS services that speak JSON, signed by ourselves: boto3's client takes longer to load than a function.

The address comes from the configuration only; certificates are verified; no proxy is asked and no redirect followed.
"""

import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway.aws_access import Access, endpoint, find_access
from gateway.signature import signed_headers

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
ATTEMPTS = 3
_FIRST_PAUSE_SECONDS = 0.05
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class Service(NamedTuple):
    """A service, and how it names its operations."""

    name: str
    target: str
    """What stands before the operation in X-Amz-Target."""
    content_type: str


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0")
SYSTEMS_MANAGER = Service("ssm", "AmazonSSM", "application/x-amz-json-1.1")


class AwsError(Exception):
    """A call that has failed, in AWS's own words."""

    def __init__(self, operation: str, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.code = code
        """AWS's name of the error; `ConnectionError` where nobody has answered."""
        self.message = message
        self.status = status
        """0: there was no answer."""

    @property
    def is_passing(self) -> bool:
        """Whether the same call may succeed a moment later."""
        return self.status == 0 or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.code in _THROTTLED


class AwsClient:
    """One service. Its one connection is kept between calls, and opened again where the other side has closed it.

    `clock` gives seconds since the epoch, `pause` gets seconds.
    """

    def __init__(
        self,
        service: Service,
        access: Access,
        address: str,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._access = access
        self._host = urlsplit(address).netloc
        self._connection = _connection(address)
        self._in_use = Lock()
        self._clock = clock
        self._pause = pause

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one call. Raises `AwsError`, where it may pass after `ATTEMPTS` attempts."""
        body = json.dumps(parameters).encode()
        for attempt in range(1, ATTEMPTS):
            try:
                return self._attempt(operation, body)
            except AwsError as error:
                if not error.is_passing:
                    raise
            self._pause(random.uniform(0, _FIRST_PAUSE_SECONDS * 2**attempt))
        return self._attempt(operation, body)

    def close(self) -> None:
        """Close the connection. The next call opens another."""
        self._connection.close()

    def _attempt(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = signed_headers(
            {
                "host": self._host,
                "content-type": self._service.content_type,
                "x-amz-target": f"{self._service.target}.{operation}",
            },
            body,
            self._access.credentials(),
            region=self._access.region,
            service=self._service.name,
            now=self._clock(),
        )
        with self._in_use:
            try:
                status, answer = self._exchange(body, headers)
            except (OSError, HTTPException) as error:
                self.close()
                message = f"{self._service.name} cannot be reached ({type(error).__name__})"
                raise AwsError(operation, "ConnectionError", message) from error
        return _result(operation, status, answer)

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if _has_been_closed(self._connection):
            self.close()
        is_kept = self._connection.sock is not None
        if not is_kept:
            self._connection.timeout = CONNECT_SECONDS
            self._connection.connect()
            self._connection.sock.settimeout(READ_SECONDS)
        try:
            self._connection.request("POST", "/", body, dict(headers))
            response = self._connection.getresponse()
        except (ConnectionError, ssl.SSLError):
            if not is_kept:
                raise
            self.close()  # it was closed while nothing went over it, and a new one tells whether anybody answers
            return self._exchange(body, headers)
        return response.status, response.read()


def open_client(service: Service, environ: Mapping[str, str]) -> AwsClient:
    """The client of a service as the environment says. Raises botocore's own errors where it says too little."""
    access = find_access(environ)
    return AwsClient(service, access, endpoint(service.name, access.region, environ))


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the machine's certificates takes longer than a call: once for all clients."""
    return ssl.create_default_context()


def _connection(address: str) -> HTTPConnection:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the endpoint of an AWS service is not an http or https address")
    if parts.scheme == "http":
        return HTTPConnection(parts.hostname, parts.port)
    return HTTPSConnection(parts.hostname, parts.port, context=_trusted())


def _has_been_closed(connection: HTTPConnection) -> bool:
    """Whether there is something to read before anything was asked: the end, or what nobody wants."""
    if connection.sock is None:
        return False
    readable = poll()
    readable.register(connection.sock, POLLIN)
    return bool(readable.poll(0))


def _result(operation: str, status: int, answer: bytes) -> dict[str, Any]:
    found: Any = None
    with suppress(ValueError):
        found = json.loads(answer)
    if not isinstance(found, dict):
        raise AwsError(operation, f"HTTP{status}", "the answer is not a JSON object", status=status)
    if status == HTTPStatus.OK:
        return found
    code = str(found.get("__type") or f"HTTP{status}").rpartition("#")[2].partition(":")[0]
    # What stands below the first line of a complaint about a signature repeats the request, session token and all.
    message = str(found.get("message") or found.get("Message") or "").partition("\n")[0]
    raise AwsError(operation, code, message, status=status)
