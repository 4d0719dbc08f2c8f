"""Explains what AWS says where it refuses a request to a model, and what to do.

AWS's own words name accounts and roles, so that none of them is repeated here.
Source: https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from translator.anthropic.errors import ApiError, Fault, UpstreamAccountError

_EXPIRED = re.compile(r"ExpiredToken|RequestExpired|(?:token|signature)[^.]{0,60}\bexpired", re.IGNORECASE)
_NOT_TAKEN = re.compile(
    r"UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature"
    r"|security token[^.]{0,60}\binvalid|signature we calculated|API key[^.]{0,40}\binvalid",
    re.IGNORECASE,
)
_NO_MODEL_ACCESS = re.compile(
    r"access to the model|model access is denied|use case details|aws-marketplace|INVALID_PAYMENT_INSTRUMENT"
    r"|not available for this account",
    re.IGNORECASE,
)
_ACTION = re.compile(r"not authorized to perform:? ([a-z-]{3,40}:[A-Za-z]{3,60})")
_NEEDS_PROFILE = re.compile(r"on-demand throughput isn.{1,3}t supported", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model identifier is invalid|isn.{1,3}t supported on this route|could not resolve the foundation model"
    r"|model[^.]{0,80}(?:not supported in this region|does not exist|not found)",
    re.IGNORECASE,
)
_THROTTLED = frozenset({429})
_REFUSED = frozenset({401, 403})
_NOT_FOUND = frozenset({400, 404})


class Place(NamedTuple):
    """The provider, the model and the Region of a request."""

    provider: str
    """The provider's name for people."""
    region: str
    model: str


def read_aws_error(status: int, headers: Mapping[str, str], body: bytes, place: Place) -> ApiError | None:
    """Return the error for an answer that is no 2xx; None where the model itself has answered.

    `headers` are in lower case.
    """
    said = f"{headers.get('x-amzn-errortype', '')} {_words(body)}"
    where = f"{place.provider} in {place.region}"
    if status in _REFUSED or (status in _NOT_FOUND and _NO_MODEL_ACCESS.search(said)):
        return UpstreamAccountError(_of_the_account(said, where, place.model))
    if status in _NOT_FOUND and _NEEDS_PROFILE.search(said):
        advice = "the list of `edgeway models` has the inference profiles; name one, or call another Region"
        return _not_found(f"{where} serves {place.model} through an inference profile only: {advice}")
    if status in _NOT_FOUND and _NO_MODEL.search(said):
        advice = "it may be of another Region, or the account may not have it; the list of models has what there is"
        return _not_found(f"{where} has no model {place.model}: {advice}")
    if status in _THROTTLED:
        advice = "wait, use a global inference profile, or ask for a higher quota in Service Quotas"
        message = f"{where} limits the requests or tokens of this account for {place.model}: {advice}"
        return ApiError("rate_limit_error", message, fault=Fault.UPSTREAM, retry_after=_seconds(headers))
    return None


def _of_the_account(said: str, where: str, model: str) -> str:
    if _EXPIRED.search(said):
        return f"{where}: the AWS credentials have expired. Log in again (aws sso login), or renew the API key"
    if _NOT_TAKEN.search(said):
        return (
            f"{where} does not take the AWS credentials or the API key: see whether they are valid, and the clock right"
        )
    if _NO_MODEL_ACCESS.search(said):
        advice = "Open its page in the Bedrock console, submit the use case, and see that AWS Marketplace is allowed"
        return f"{where}: this account has no access to {model}. {advice}"
    named = _ACTION.search(said)
    action = named[1] if named else "this model"
    advice = (
        "On AWS, deploy with UseBedrock=true; else allow it to the role or user, and see the organisation's policies"
    )
    return f"{where}: the AWS credentials may not call {action}. {advice}"


def _words(body: bytes) -> str:
    """Return the message of a body, in AWS's form or in the Messages API's."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = value if isinstance(value, dict) else {}
    inner = value.get("error")
    told = {**value, **(inner if isinstance(inner, dict) else {})}
    return " ".join(str(told.get(name) or "")[:1_000] for name in ("__type", "code", "message", "Message"))


def _not_found(message: str) -> ApiError:
    return ApiError("not_found_error", message, fault=Fault.UPSTREAM, retry=False)


def _seconds(headers: Mapping[str, str]) -> int | None:
    told = headers.get("retry-after", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else None
