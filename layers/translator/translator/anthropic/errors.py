"""The errors of the API: one type, one table of statuses, one body.

Source: https://docs.claude.com/en/api/errors; `request_too_large` and `conflict_error` are documented there, although
the OpenAPI description does not list them.
"""

from enum import Enum
from typing import Literal, NotRequired, TypedDict

ErrorType = Literal[
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "conflict_error",
    "request_too_large",
    "rate_limit_error",
    "api_error",
    "timeout_error",
    "overloaded_error",
]

STATUS: dict[ErrorType, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The HTTP status of each error type, when it is answered before the stream has begun."""


ErrorCode = Literal["thread_not_found"]
"""What programs go by where a type is not enough, in the error's `details`."""


Reason = Literal[
    "certificate", "configuration", "connection_lost", "name", "proxy", "refused", "timeout", "tls", "unreachable"
]
"""Why a call failed below HTTP, for the log and the operator's screen."""


class Fault(Enum):
    """Whose fault an error is; a fault of the upstream is worth another candidate."""

    CALLER = "caller"
    UPSTREAM = "upstream"
    GATEWAY = "gateway"


class ErrorDetails(TypedDict):
    """What a program needs to know of an error."""

    error_code: ErrorCode


class ErrorDetail(TypedDict):
    """The inner object of an error body."""

    type: ErrorType
    message: str
    details: NotRequired[ErrorDetails]


class ErrorBody(TypedDict):
    """The body of every error answer; in a stream, the data of `event: error`."""

    type: Literal["error"]
    error: ErrorDetail
    request_id: str | None


class ApiError(Exception):
    """An error with its meaning to the caller. The message is sent to the caller, so it holds no secret.

    `retry` becomes the `x-should-retry` header (None leaves it to the client), `retry_after` the `retry-after` header
    in seconds, `error_code` the body's `details`.
    """

    raw_body: bytes | None = None
    """The body where it is somebody else's, and goes through as it came."""

    def __init__(
        self,
        error_type: ErrorType,
        message: str,
        *,
        fault: Fault = Fault.CALLER,
        retry: bool | None = None,
        retry_after: int | None = None,
        error_code: ErrorCode | None = None,
        reason: Reason | None = None,
    ) -> None:
        super().__init__(message)
        self.error_type: ErrorType = error_type
        self.message = message
        self.fault = fault
        self.retry = retry
        self.retry_after = retry_after
        self.error_code: ErrorCode | None = error_code
        self.reason: Reason | None = reason
        self.outer: str | None = None
        """For the log: what a gateway before the upstream says itself, where it has wrapped the upstream's error."""

    @property
    def status(self) -> int:
        """The HTTP status of this error."""
        return STATUS[self.error_type]

    def headers(self) -> dict[str, str]:
        """The headers that tell a client whether and when to try again."""
        headers: dict[str, str] = {}
        if self.retry is not None:
            headers["x-should-retry"] = "true" if self.retry else "false"
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        return headers

    def body(self, request_id: str | None) -> ErrorBody:
        """The answer's body."""
        detail: ErrorDetail = {"type": self.error_type, "message": self.message}
        if self.error_code is not None:
            detail["details"] = {"error_code": self.error_code}
        return {"type": "error", "error": detail, "request_id": request_id}


class UpstreamAccountError(ApiError):
    """An upstream refuses the operator's own key or account, about which a caller can do nothing."""

    def __init__(self, message: str) -> None:
        super().__init__("api_error", message, fault=Fault.UPSTREAM, retry=False)


def invalid_request(message: str) -> ApiError:
    """A request that will not become right by sending it again."""
    return ApiError("invalid_request_error", message)


def upstream_failure(message: str, error_type: ErrorType = "api_error", *, reason: Reason | None = None) -> ApiError:
    """A failure of the upstream that the caller may meet again or not."""
    return ApiError(error_type, message, fault=Fault.UPSTREAM, reason=reason)
