"""Bytes under names in a bucket, as moto plays S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from gateway.aws.bucket import Bucket, open_bucket
from gateway.aws.types import AwsError

from tests.loop import run
from tests.unit.aws.stacks import REGION, empty_account

NAME = "answers"


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with empty_account():
        boto3.client("s3").create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield open_bucket(NAME)


def names() -> list[str]:
    return [each["Key"] for each in boto3.client("s3").list_objects_v2(Bucket=NAME).get("Contents", [])]


def test_what_is_put_is_there_until_it_is_put_anew_or_forgotten(bucket: Bucket) -> None:
    assert run(bucket.get("key_1/a")) is None
    run(bucket.put("key_1/a", b"first"))
    run(bucket.put("key_1/a", b"second"))
    run(bucket.put("key_12/a", b"other"))
    assert run(bucket.get("key_1/a")) == b"second"
    run(bucket.forget("key_1/"))
    assert (run(bucket.get("key_1/a")), names()) == (None, ["key_12/a"])


def test_everything_is_forgotten_however_many_pages_it_takes() -> None:
    pages: list[dict[str, Any]] = [
        {"Contents": [{"Key": "key_1/a"}], "NextContinuationToken": "more"},
        {"Contents": [{"Key": "key_1/b"}]},
    ]
    calls: list[tuple[str, Any]] = []

    class Paged:
        async def call(self, operation: str, parameters: Any) -> dict[str, Any]:
            calls.append((operation, {name: value for name, value in parameters.items() if name != "Bucket"}))
            return pages.pop(0) if operation == "ListObjectsV2" else {}

        def close(self) -> None:
            """Nothing is open."""

    run(Bucket(NAME, Paged()).forget("key_1/"))
    assert calls == [
        ("ListObjectsV2", {"Prefix": "key_1/"}),
        ("DeleteObject", {"Key": "key_1/a"}),
        ("ListObjectsV2", {"Prefix": "key_1/", "ContinuationToken": "more"}),
        ("DeleteObject", {"Key": "key_1/b"}),
    ]


@pytest.mark.parametrize(("code", "is_there"), [("NoSuchKey", False), ("AccessDenied", False), ("SlowDown", None)])
def test_who_may_not_list_is_told_that_a_missing_object_is_denied(code: str, is_there: bool | None) -> None:
    class Refusing:
        async def call(self, operation: str, _parameters: Any) -> dict[str, Any]:
            raise AwsError(operation, code, "no", status=403)

        def close(self) -> None:
            """Nothing is open."""

    if is_there is None:
        with pytest.raises(AwsError, match="SlowDown"):
            run(Bucket(NAME, Refusing()).get("a"))
    else:
        assert run(Bucket(NAME, Refusing()).get("a")) is None


def test_a_bucket_that_is_not_there_is_an_error(bucket: Bucket) -> None:
    with pytest.raises(AwsError, match="NoSuchBucket"):
        run(open_bucket("another").put("a", b"b"))
