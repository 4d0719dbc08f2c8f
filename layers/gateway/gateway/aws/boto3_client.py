"""Calls to AWS through boto3, for the command line and for whatever serves outside Lambda."""

import asyncio
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError
from botocore.session import Session

from gateway.aws.region import REGION_VARIABLES
from gateway.aws.types import AwsError, Service

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})


class Boto3Client:
    """A client of one service.

    boto3 blocks, so it runs in a thread. Where AWS cannot be reached, botocore's errors say why.
    """

    def __init__(self, service: Service) -> None:
        self._client = open_boto3_client(service.name, _CONFIG)

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call and return the answer. Raises `AwsError` where the service refuses it."""
        return await asyncio.to_thread(self._call, operation, parameters)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**parameters)
        except ClientError as error:
            told = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise AwsError(operation, told["Code"], told["Message"], status=status) from error
        return answer


def open_boto3_client(service: str, config: Config | None = None) -> Any:
    """Return boto3's own client of a service, in the Region of the environment, or of the profile."""
    return _open_session().client(service, config=config)


def region_of_profile(profile: str | None = None) -> str | None:
    """Return the Region that the environment or the profile names."""
    region: str | None = _open_session(profile).region_name
    return region


def find_credentials(profile: str | None = None) -> ReadOnlyCredentials | None:
    """Return the current credentials, renewed in time. Raises botocore's errors."""
    found = _open_session(profile).get_credentials()
    return None if found is None else found.get_frozen_credentials()


def _open_session(profile: str | None = None) -> boto3.Session:
    return _session(tuple(name for name in REGION_VARIABLES if os.environ.get(name)), profile)


@cache
def _session(region_variables: tuple[str, ...], profile: str | None) -> boto3.Session:
    """Return the one session of all clients, so that a profile that asks for a token asks once."""
    region = ("region", list(region_variables), None, None)  # as in botocore's own table: the profile's key, variables
    return boto3.Session(botocore_session=Session(session_vars={"region": region}, profile=profile))
