"""Calls to AWS services that speak JSON: who makes them, and how they fail."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""What names the Region, in the AWS command line's order. boto3 by itself reads the second only."""
_ON_LAMBDA = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
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


class AwsClient(Protocol):
    """One service."""

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one call, in the words of the service's own reference. Raises `AwsError`."""

    def close(self) -> None:
        """Let go of connections."""


def region_in(environ: Mapping[str, str]) -> str | None:
    """The Region that the environment names, if it does; a profile may still have one. An empty variable names none."""
    return next((environ[name] for name in REGION_VARIABLES if environ.get(name)), None)


def open_client(service: Service, environ: Mapping[str, str]) -> AwsClient:
    """Our own client in a function whose environment holds credentials, as on Lambda, where a start is waited for.

    Else boto3's, which knows profiles, SSO, roles of containers, proxies, and whatever else there is.
    """
    region = region_in(environ)
    if region and all(environ.get(name) for name in _ON_LAMBDA):
        from gateway.signed_client import open_signed_client

        return open_signed_client(service, environ, region)
    from gateway.boto3_client import Boto3Client

    return Boto3Client(service)
