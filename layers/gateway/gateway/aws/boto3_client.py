"""Calls to AWS through boto3, for the command line and for whatever serves outside Lambda."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from gateway.aws.types import AwsError, Service

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})


class Boto3Client:
    """One service. Where AWS cannot be asked at all, botocore's own errors say why."""

    def __init__(self, service: Service) -> None:
        self._client: Any = boto3.client(service.name, config=_CONFIG)

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
