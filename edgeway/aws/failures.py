"""Explains errors of AWS: what went wrong, and what to do next."""

from __future__ import annotations

import re
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from gateway.aws.types import AwsError

LOG_IN: Final = "Log in with `aws sso login` or `aws configure`, or set AWS_PROFILE."
_EXPIRED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_ACTION: Final = re.compile(r"not authorized to perform:? ([A-Za-z0-9-]+:\w+)")


def explain(failure: BotoCoreError | ClientError | AwsError) -> str:
    """Return one or two sentences: what AWS refuses, and what to do about it."""
    match failure:
        case NoCredentialsError() | PartialCredentialsError():
            return f"There are no AWS credentials. {LOG_IN}"
        case SSOError() | TokenRetrievalError():
            return f"The AWS session has ended. {LOG_IN}"
        case ProfileNotFound():
            return f"{failure}. See: aws configure list-profiles"
        case NoRegionError():
            return (
                "No AWS Region is chosen. Set AWS_REGION, AWS_DEFAULT_REGION or a profile with a region (AWS_PROFILE)."
            )
        case ClientError():
            named = failure.response["Error"]
            return _explain_refusal(failure.operation_name, named.get("Code", ""), named.get("Message", ""))
        case AwsError() if failure.status:
            return _explain_refusal(failure.operation, failure.code, failure.message)
        case _:
            return f"AWS cannot be asked: {failure}"


def _explain_refusal(operation: str, code: str, message: str) -> str:
    if code in _EXPIRED:
        return f"AWS does not take these credentials ({code}). {LOG_IN}"
    if code in _DENIED:
        named = _ACTION.search(message)
        action = named[1] if named else operation
        return f"These credentials may not call {action}. docs/deploy.md lists what the command line needs."
    return f"AWS refuses {operation}: {message} ({code})"
