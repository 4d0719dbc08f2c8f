"""Calls to AWS through boto3, for the command line and for whatever serves outside Lambda."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from gateway.aws_client import REGION_VARIABLES, AwsError, Service

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})


class Boto3Client:
    """One service. Where AWS cannot be asked at all, botocore's own errors say why."""

    def __init__(self, service: Service) -> None:
        self._client = open_boto3_client(service.name, _CONFIG)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one call. Raises `AwsError` where the service refuses it."""
        try:
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**parameters)
        except ClientError as error:
            told = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise AwsError(operation, told["Code"], told["Message"], status=status) from error
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def open_boto3_client(service: str, config: Config | None = None) -> Any:
    """boto3's own client of a service, in the Region of the environment, else of the profile."""
    return _session(tuple(name for name in REGION_VARIABLES if os.environ.get(name))).client(service, config=config)


@cache
def _session(region_variables: tuple[str, ...]) -> boto3.Session:
    """One for all clients, so that a profile that asks for a token asks once."""
    region = ("region", list(region_variables), None, None)  # as in botocore's own table: the profile's key, variables
    return boto3.Session(botocore_session=Session(session_vars={"region": region}))
