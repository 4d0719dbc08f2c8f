"""What AWS refuses, in the words of what to do next."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)
from gateway.aws_client import AwsError

from edgeway.aws.failures import LOG_IN, explain


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateApiKey")


EXPLAINED: list[tuple[BotoCoreError | ClientError | AwsError, str]] = [
    (NoCredentialsError(), f"There are no AWS credentials. {LOG_IN}"),
    (UnauthorizedSSOTokenError(), f"The AWS session has ended. {LOG_IN}"),
    (ProfileNotFound(profile="me"), "The config profile (me) could not be found. See: aws configure list-profiles"),
    (
        NoRegionError(),
        "No AWS Region is chosen. Set AWS_REGION, AWS_DEFAULT_REGION or a profile with a region (AWS_PROFILE).",
    ),
    (
        EndpointConnectionError(endpoint_url="https://x"),
        'AWS cannot be asked: Could not connect to the endpoint URL: "https://x"',
    ),
    (refusal("ExpiredToken", "…"), f"AWS does not take these credentials (ExpiredToken). {LOG_IN}"),
    (
        refusal("AccessDeniedException", "User: arn is not authorized to perform: apigateway:POST on resource: x"),
        "These credentials may not call apigateway:POST. docs/deploy.md lists what the command line needs.",
    ),
    (
        refusal("AccessDenied", "Access denied"),
        "These credentials may not call CreateApiKey. docs/deploy.md lists what the command line needs.",
    ),
    (
        refusal("LimitExceededException", "API keys limit exceeded"),
        "AWS refuses CreateApiKey: API keys limit exceeded (LimitExceededException)",
    ),
    (
        AwsError(
            "GetItem", "AccessDeniedException", "User: x is not authorized to perform: dynamodb:GetItem", status=400
        ),
        "These credentials may not call dynamodb:GetItem. docs/deploy.md lists what the command line needs.",
    ),
    (
        AwsError("GetItem", "ConnectionError", "dynamodb cannot be reached (TimeoutError)"),
        "AWS cannot be asked: GetItem: ConnectionError: dynamodb cannot be reached (TimeoutError)",
    ),
]


@pytest.mark.parametrize(("failure", "expected"), EXPLAINED, ids=lambda value: type(value).__name__)
def test_a_failure_says_what_to_do(failure: BotoCoreError | ClientError | AwsError, expected: str) -> None:
    assert explain(failure) == expected
