"""Keeps bytes under names in one bucket of S3, through boto3: our own client speaks JSON only, which S3 does not."""

import asyncio
from typing import Any, Final

from gateway.aws.client import AwsClient
from gateway.aws.types import S3, AwsError

_NOT_THERE: Final = frozenset({"NoSuchKey", "AccessDenied"})
"""Who may not list a bucket is told of a missing object that access is denied."""


class Bucket:
    """Every method raises `AwsError` where S3 refuses, or botocore's errors where it cannot be asked."""

    def __init__(self, name: str, client: AwsClient) -> None:
        self._name = name
        self._client = client

    async def get(self, name: str) -> bytes | None:
        """What is kept under the name, if anything."""
        try:
            answer = await self._call("GetObject", Key=name)
        except AwsError as error:
            if error.code in _NOT_THERE:
                return None
            raise
        body: bytes = await asyncio.to_thread(answer["Body"].read)
        return body

    async def put(self, name: str, body: bytes) -> None:
        """Keep it, in place of what there was."""
        await self._call("PutObject", Key=name, Body=body, ContentType="application/octet-stream")

    async def forget(self, prefix: str) -> None:
        """Remove everything whose name begins so: for operators, since it lists."""
        page: dict[str, Any] = await self._call("ListObjectsV2", Prefix=prefix)
        while True:
            for each in page.get("Contents", ()):
                await self._call("DeleteObject", Key=each["Key"])
            if not page.get("NextContinuationToken"):
                return
            page = await self._call("ListObjectsV2", Prefix=prefix, ContinuationToken=page["NextContinuationToken"])

    async def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return await self._client.call(operation, {"Bucket": self._name, **parameters})


def open_bucket(name: str) -> Bucket:
    """The bucket with this name. boto3 takes long to load: a thread opens it, when it is needed."""
    from gateway.aws.boto3_client import Boto3Client

    return Bucket(name, Boto3Client(S3))
