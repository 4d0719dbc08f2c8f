"""Lets an upstream's error through: clients go by its words."""

import json
import re
from collections.abc import Mapping
from typing import Any

from translator.anthropic.errors import STATUS, ApiError, ErrorType, Fault, UpstreamAccountError, upstream_failure

PASSED_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
"""What the official SDKs read of an error. The upstream's limits are the operator's, and stay here."""

_OUR_ACCOUNT = frozenset({401, 402, 403})
"""Statuses that are about the operator's account, never about the caller's."""
_NO_CREDIT = re.compile(r"credit balance is too low|billing|workspace api usage limits", re.IGNORECASE)
"""What a status of 400 says of the operator's account. The caller's own words never stand in these errors."""
_CALLERS_FAULT = frozenset({400, 413, 422})
_TYPES: Mapping[int, ErrorType] = {status: error_type for error_type, status in STATUS.items()}
_LONGEST_MESSAGE = 2_000


class PassedError(ApiError):
    """An upstream's error that passes through: status, body and message."""

    def __init__(
        self, error_type: ErrorType, message: str, *, status: int, raw_body: bytes, retry_headers: Mapping[str, str]
    ) -> None:
        fault = Fault.CALLER if status in _CALLERS_FAULT else Fault.UPSTREAM
        super().__init__(error_type, message, fault=fault)
        self.raw_body: bytes = raw_body
        self._status = status
        self._retry_headers = retry_headers

    @property
    def status(self) -> int:
        """The upstream's status, which may be one that we never give."""
        return self._status

    def headers(self) -> dict[str, str]:
        """The upstream's headers about a retry."""
        return dict(self._retry_headers)


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Return the error for an answer that is no 2xx. `headers` are in lower case."""
    error = error_in(body)
    if status in _OUR_ACCOUNT or (status == 400 and error and _NO_CREDIT.search(error["message"])):
        return UpstreamAccountError(f"the upstream refused this gateway's own account (status {status})")
    if error is None:
        error_type = _type_of(status, None)
        fault = Fault.CALLER if status in _CALLERS_FAULT else Fault.UPSTREAM
        told = _member(body, "message")  # as AWS writes it
        said = told if isinstance(told, str) and told else f"the upstream answered with status {status} and no JSON"
        return ApiError(error_type, said[:_LONGEST_MESSAGE], fault=fault)
    passed = {name: headers[name] for name in PASSED_HEADERS if name in headers}
    return PassedError(
        _type_of(status, error["type"]), error["message"], status=status, raw_body=body, retry_headers=passed
    )


def read_stream_error(data: bytes) -> ApiError:
    """Return the error for an event that is one."""
    error = error_in(data)
    if error is None:
        return upstream_failure("the upstream gave no reason for its error")
    error_type = _type_of(500, error["type"])
    return PassedError(error_type, error["message"], status=STATUS[error_type], raw_body=data, retry_headers={})


def error_in(body: bytes) -> dict[str, str] | None:
    """Return the type and the message of an error of the Messages API; None for any other body."""
    error = _member(body, "error")
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return None
    return {"type": str(error.get("type")), "message": error["message"][:_LONGEST_MESSAGE]}


def _member(body: bytes, name: str) -> Any:
    """Return a member of the object in the body; None where there is none."""
    try:
        value: Any = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return value.get(name) if isinstance(value, dict) else None


def _type_of(status: int, told: str | None) -> ErrorType:
    """Return our error type with the upstream's name, or else the one for its status."""
    named = next((error_type for error_type in STATUS if error_type == told), None)
    default: ErrorType = "invalid_request_error" if 400 <= status < 500 else "api_error"
    return named or _TYPES.get(status, default)
