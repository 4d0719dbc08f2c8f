"""Chooses the client for AWS services that speak JSON."""

from collections.abc import Mapping
from typing import Any, Protocol

from gateway.aws.region import region_in
from gateway.aws.types import Service

_ON_LAMBDA = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class AwsClient(Protocol):
    """A client of one service."""

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call, in the words of the service's own reference, and return the answer. Raises `AwsError`."""

    def close(self) -> None:
        """Close the connections."""


def open_client(service: Service, environ: Mapping[str, str]) -> AwsClient:
    """Open a client: our own where the environment holds credentials, as on Lambda, where the start must be short.

    Elsewhere it is boto3's, which knows profiles, SSO, roles of containers, proxies and more.
    """
    region = region_in(environ)
    if region and all(environ.get(name) for name in _ON_LAMBDA):
        from gateway.aws.signed_client import open_signed_client

        return open_signed_client(service, environ, region)
    from gateway.aws.boto3_client import Boto3Client

    return Boto3Client(service)
