"""In which Region boto3 asks: wherever people and AWS's own tools name one, in the order of the AWS command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from botocore.exceptions import NoRegionError
from gateway import boto3_client
from gateway.aws_client import DYNAMODB
from gateway.boto3_client import Boto3Client, open_boto3_client

from tests.unit.gateway.stores import AWS_ENVIRONMENT

CONFIG = """\
[profile edge]
region = eu-south-1
[profile elsewhere]
output = json
"""
CREDENTIALS = """\
[keys]
region = eu-north-1
"""
VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")


@pytest.fixture(autouse=True)
def nothing_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, the files of profiles, and no Region; nor a session, which keeps its profile."""
    for name, value in AWS_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for file, text in (("CONFIG", CONFIG), ("SHARED_CREDENTIALS", CREDENTIALS)):
        path = tmp_path / file
        path.write_text(text)
        monkeypatch.setenv(f"AWS_{file}_FILE", str(path))
    boto3_client._session.cache_clear()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_PROFILE": "edge"}, "eu-south-1"),
        ({"AWS_PROFILE": "keys"}, "eu-north-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PROFILE": "edge"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_PROFILE": "edge"}, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "edge"}, "eu-south-1"),
    ],
)
def test_the_region(environ: Mapping[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    services = [open_boto3_client(service) for service in ("cloudformation", "apigateway", "ssm")]
    clients = [*services, Boto3Client(DYNAMODB)._client]
    assert [client.meta.region_name for client in clients] == [expected] * 4
    for client in clients:
        client.close()


@pytest.mark.parametrize("environ", [{}, {"AWS_REGION": ""}, {"AWS_PROFILE": "elsewhere"}])
def test_no_region(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NoRegionError):
        open_boto3_client("ssm")


def test_a_profile_is_asked_for_its_credentials_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that wants a token from a person would ask for it again for each client."""
    answer, asked, process = (tmp_path / name for name in ("answer", "asked", "process"))
    answer.write_text('{"Version": 1, "AccessKeyId": "x", "SecretAccessKey": "x"}')
    process.write_text(f"echo once >>{asked}; cat {answer}")
    (tmp_path / "CONFIG").write_text(f"[default]\nregion = eu-south-1\ncredential_process = sh {process}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for service in ("cloudformation", "apigateway", "dynamodb"):
        open_boto3_client(service).close()
    assert asked.read_text() == "once\n"
