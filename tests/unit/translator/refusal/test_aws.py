"""What AWS refuses becomes an error that says what to do, and repeats no account, role or key."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from translator.anthropic.errors import Fault, UpstreamAccountError
from translator.refusal.aws import Place, read_aws_error

PLACE = Place("Amazon Bedrock", "eu-west-1", "eu.anthropic.claude-opus-5")
ROLE = "User: arn:aws:sts::123456789012:assumed-role/gateway/x is not authorized to perform:"
WHERE = "Amazon Bedrock in eu-west-1"


def said(message: str) -> bytes:
    return json.dumps({"message": message}).encode()


def anthropics(message: str, kind: str = "permission_error") -> bytes:
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()


EXPIRED = f"{WHERE}: the AWS credentials have expired. Log in again (aws sso login), or renew the API key"
NOT_TAKEN = f"{WHERE} does not take the AWS credentials or the API key: see whether they are valid, and the clock right"
NO_ACCESS = (
    f"{WHERE}: this account has no access to eu.anthropic.claude-opus-5. "
    "Open its page in the Bedrock console, submit the use case, and see that AWS Marketplace is allowed"
)
DENIED = (
    f"{WHERE}: the AWS credentials may not call bedrock:InvokeModelWithResponseStream. "
    "On AWS, deploy with UseBedrock=true; else allow it to the role or user, and see the organisation's policies"
)


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (403, {}, said("The security token included in the request is expired"), EXPIRED),
        (403, {"x-amzn-errortype": "ExpiredTokenException:http://x"}, b"", EXPIRED),
        (403, {}, said("Signature expired: 20261130T220000Z is now earlier than 20261130T221000Z"), EXPIRED),
        (403, {}, anthropics("The security token included in the request is expired"), EXPIRED),
        (403, {}, said("The security token included in the request is invalid."), NOT_TAKEN),
        (403, {"x-amzn-errortype": "UnrecognizedClientException"}, b"{}", NOT_TAKEN),
        (403, {}, said("The request signature we calculated does not match the signature you provided."), NOT_TAKEN),
        (401, {}, anthropics("API key is invalid", "authentication_error"), NOT_TAKEN),
        (403, {}, said("You don't have access to the model with the specified model ID."), NO_ACCESS),
        (403, {}, said("Model access is denied due to IAM user not allowed aws-marketplace:Subscribe"), NO_ACCESS),
        (404, {}, said("Model use case details have not been submitted for this account."), NO_ACCESS),
        (403, {}, said(f"{ROLE} bedrock:InvokeModelWithResponseStream on resource: arn:aws:x"), DENIED),
        (403, {}, b"<html>", DENIED.replace("bedrock:InvokeModelWithResponseStream", "this model")),
        (403, {}, b"[]", DENIED.replace("bedrock:InvokeModelWithResponseStream", "this model")),
    ],
)
def test_what_is_about_the_account(status: int, headers: Mapping[str, str], body: bytes, expected: str) -> None:
    error = read_aws_error(status, headers, body, PLACE)
    assert isinstance(error, UpstreamAccountError)
    assert error.message == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            400,
            said(
                "Invocation of model ID anthropic.claude-opus-5 with on-demand throughput isn\u2019t supported. Retry"
            ),
            (
                f"{WHERE} serves eu.anthropic.claude-opus-5 through an inference profile only: the list of "
                "`edgeway models` has the inference profiles; name one, or call another Region"
            ),
        ),
        (
            400,
            said("The provided model identifier is invalid."),
            (
                f"{WHERE} has no model eu.anthropic.claude-opus-5: it may be of another Region, or the account may not "
                "have it; the list of models has what there is"
            ),
        ),
        (
            404,
            anthropics("model `x` isn't supported on this route", "not_found_error"),
            (
                f"{WHERE} has no model eu.anthropic.claude-opus-5: it may be of another Region, or the account may not "
                "have it; the list of models has what there is"
            ),
        ),
    ],
)
def test_a_model_that_is_not_there(status: int, body: bytes, expected: str) -> None:
    error = read_aws_error(status, {}, body, PLACE)
    assert error is not None
    assert (error.error_type, error.message, error.fault, error.retry) == (
        "not_found_error",
        expected,
        Fault.UPSTREAM,
        False,
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, None), ({"retry-after": "7"}, 7), ({"retry-after": "soon"}, None), ({"retry-after": "9999999"}, None)],
)
def test_throttling(headers: Mapping[str, str], expected: int | None) -> None:
    error = read_aws_error(429, headers, said("Too many requests, please wait before trying again."), PLACE)
    assert error is not None
    assert (error.error_type, error.fault, error.retry_after) == ("rate_limit_error", Fault.UPSTREAM, expected)
    assert error.message == (
        f"{WHERE} limits the requests or tokens of this account for eu.anthropic.claude-opus-5: "
        "wait, use a global inference profile, or ask for a higher quota in Service Quotas"
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, said("max_tokens: must be greater than 0")),
        (400, anthropics("prompt is too long: 300000 tokens > 200000 maximum", "invalid_request_error")),
        (500, said("The system encountered an unexpected error during processing.")),
        (529, anthropics("Overloaded", "overloaded_error")),
    ],
)
def test_what_the_model_says_is_not_ours_to_explain(status: int, body: bytes) -> None:
    assert read_aws_error(status, {}, body, PLACE) is None
