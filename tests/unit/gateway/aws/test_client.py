"""Who calls AWS: our own client on Lambda, boto3's everywhere else, with one way of failing."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from gateway.aws.boto3_client import Boto3Client
from gateway.aws.client import AwsClient, open_client
from gateway.aws.endpoint import address_of
from gateway.aws.region import region_in
from gateway.aws.signature import Credentials
from gateway.aws.signed_client import SignedClient
from gateway.aws.types import DYNAMODB, AwsError
from moto import mock_aws

from tests.loop import run
from tests.unit.gateway.stores import served_by_moto

LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "edgeway",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "ASIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (LAMBDA, SignedClient),
        ({**LAMBDA, "AWS_LAMBDA_FUNCTION_NAME": ""}, Boto3Client),  # a shell with credentials
        ({**LAMBDA, "AWS_ACCESS_KEY_ID": ""}, Boto3Client),  # SnapStart gives them at an address
        ({**LAMBDA, "AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, SignedClient),
        ({**LAMBDA, "AWS_REGION": ""}, Boto3Client),  # a profile may name one
        ({}, Boto3Client),
    ],
)
def test_we_sign_on_lambda_alone(
    environ: Mapping[str, str], expected: type[AwsClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    opened = open_client(DYNAMODB, environ)
    opened.close()
    assert type(opened) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"AWS_REGION": "a"}, "a"),
        ({"AWS_DEFAULT_REGION": "b"}, "b"),
        ({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, "a"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "b"}, "b"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, None),
        ({}, None),
    ],
)
def test_the_region_of_the_environment(environ: Mapping[str, str], expected: str | None) -> None:
    assert region_in(environ) == expected


@pytest.mark.parametrize(("token", "expected"), [("token", "token"), ("", None)])
def test_lambda_says_it_all_in_its_environment(token: str, expected: str | None) -> None:
    opened = open_client(DYNAMODB, {**LAMBDA, "AWS_SESSION_TOKEN": token})
    assert isinstance(opened, SignedClient)
    assert (opened._credentials, opened._region) == (Credentials("ASIA", "secret", expected), "eu-central-1")
    endpoint = opened._endpoint
    assert (endpoint.authority, endpoint.host, endpoint.port) == (*["dynamodb.eu-central-1.amazonaws.com"] * 2, 443)


@pytest.mark.parametrize(
    ("environ", "region", "expected"),
    [
        ({}, "eu-central-1", "https://ssm.eu-central-1.amazonaws.com"),
        ({}, "us-gov-west-1", "https://ssm.us-gov-west-1.amazonaws.com"),
        ({}, "cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL_SSM": "", "AWS_ENDPOINT_URL": ""}, "x", "https://ssm.x.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://all"}, "x", "http://all"),
        ({"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_SSM": "http://one"}, "x", "http://one"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://other"}, "x", "https://ssm.x.amazonaws.com"),
    ],
)
def test_the_address_of_a_service(environ: Mapping[str, str], region: str, expected: str) -> None:
    assert address_of("ssm", region, environ) == expected


def test_both_fail_alike() -> None:
    asked = {"TableName": "nowhere", "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}
    found = []
    with mock_aws(), served_by_moto("dynamodb"):
        for opened in (open_client(DYNAMODB, os.environ), open_client(DYNAMODB, {})):
            with pytest.raises(AwsError) as failed:
                run(opened.call("GetItem", asked))
            opened.close()
            found.append((str(failed.value), failed.value.operation, failed.value.code, failed.value.status))
    message = "GetItem: ResourceNotFoundException: Requested resource not found"
    assert found == [(message, "GetItem", "ResourceNotFoundException", 400)] * 2


def test_credentials_show_no_secret() -> None:
    assert repr(Credentials("ASIA", "secret-planted", "token-planted")) == "Credentials(access_key_id='ASIA')"
