"""Calls to AWS services that speak JSON, signed by ourselves: boto3's client takes longer to load than a function."""

import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple

from streaming.connection import KeepAliveConnection, Response

from gateway.aws_access import Access, find_access
from gateway.aws_endpoint import AwsEndpoint, address_of
from gateway.signature import signed_headers

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
        endpoint: AwsEndpoint,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._access = access
        self._endpoint = endpoint
        self._connection = KeepAliveConnection(endpoint)
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
                "host": self._endpoint.authority,
                "content-type": self._service.content_type,
                "x-amz-target": f"{self._service.target}.{operation}",
            },
            body,
            self._access.credentials(),
            region=self._access.region,
            service=self._service.name,
            now=self._clock(),
        )
        del headers["host"]  # the connection says it by itself
        headers["content-length"] = str(len(body))
        with self._in_use:
            try:
                response = self._connection.request("POST", "/", headers, body)
            except (OSError, ValueError) as error:
                self._connection.close()
                message = f"{self._service.name} cannot be reached ({type(error).__name__})"
                raise AwsError(operation, "ConnectionError", message) from error
        return _result(operation, response)


def open_client(service: Service, environ: Mapping[str, str]) -> AwsClient:
    """The client of a service as the environment says. Raises botocore's own errors where it says too little."""
    access = find_access(environ)
    return AwsClient(service, access, AwsEndpoint(address_of(service.name, access.region, environ)))


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
