"""What the server itself refuses or reports, in Anthropic's error shape (docs.anthropic.com, "Errors")."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

from edgeway.local.web.asgi import Headers


@dataclass(frozen=True, slots=True)
class Failure:
    """One error of the server's own: as an HTTP answer, or as the last event of a stream that had begun."""

    status: int
    type: str
    message: str
    retry_after_seconds: int | None = None

    def body(self, request_id: str) -> bytes:
        """Return the JSON body."""
        error = {"type": self.type, "message": self.message}
        return json.dumps({"type": "error", "error": error, "request_id": request_id}).encode()

    def headers(self, request_id: str) -> Headers:
        """Return the headers of an answer that consists of it."""
        headers = [(b"content-type", b"application/json"), (b"request-id", request_id.encode())]
        if self.status == HTTPStatus.REQUEST_TIMEOUT:
            headers.append((b"connection", b"close"))  # the rest of the request may come at any time
        elif self.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            headers.append((b"x-should-retry", b"false"))  # as the template's gateway responses say it
        if self.retry_after_seconds is not None:
            headers.append((b"retry-after", str(self.retry_after_seconds).encode()))
        return headers

    def event(self, request_id: str) -> bytes:
        """Return the server-sent event."""
        return b"event: error\ndata: " + self.body(request_id) + b"\n\n"


class Refused(Exception):  # noqa: N818 it says what has become of a request
    """A request ends here, with this failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


_ANSWERS_FOR_ITS_OWN = "This server answers for its own host names"
_TAKES_NO_PAGES = "This server takes no requests of web pages"
_NAME_IT = "start it with --allowed-host NAME if it should (docs/security.md)"
_SHOWN = 80


def _shown(name: str) -> str:
    return name[:_SHOWN] + "…" * (len(name) > _SHOWN)


def not_found(method: str, path: str) -> Failure:
    """No route: API Gateway says "Missing Authentication Token" here, Anthropic says what it means."""
    return Failure(404, "not_found_error", f"There is no {method} {path} here")


def foreign_host(name: str) -> Failure:
    """The request is for a host that is not this server."""
    return Failure(403, "permission_error", f"{_ANSWERS_FOR_ITS_OWN}, and {_shown(name)} is none of them: {_NAME_IT}")


def foreign_origin(origin: str) -> Failure:
    """A web page of another's asks."""
    return Failure(403, "permission_error", f"{_TAKES_NO_PAGES}, and {_shown(origin)} is one: {_NAME_IT}")


def bad_request(message: str) -> Failure:
    """A request that is no HTTP."""
    return Failure(400, "invalid_request_error", message)


def head_too_large(limit: int) -> Failure:
    """The request's line and headers, or the trailers of its body."""
    return Failure(431, "invalid_request_error", f"The request's headers exceed {limit} bytes")


def slow_head(seconds: float) -> Failure:
    """The head of the request has not come in time."""
    return Failure(408, "invalid_request_error", f"The request's headers did not arrive within {seconds:g} seconds")


def slow_body(seconds: float) -> Failure:
    """The body of the request has not come in time."""
    return Failure(408, "invalid_request_error", f"The request's body did not arrive within {seconds:g} seconds")


def too_many_connections() -> Failure:
    """As many connections are open as may be, in all or to one address."""
    message = "Too many connections are open. Close some, or try again in a moment"
    return Failure(529, "overloaded_error", message, retry_after_seconds=10)


def request_too_large(limit: int, whose: str) -> Failure:
    """The request is larger than is taken."""
    return Failure(413, "request_too_large", f"The request exceeds {limit} bytes, {whose}")


def no_room() -> Failure:
    """The requests that run now hold as much memory as they may."""
    message = "Too many large requests run at the same time. Try again in a moment"
    return Failure(529, "overloaded_error", message, retry_after_seconds=10)


def overloaded(wait_seconds: float) -> Failure:
    """As many requests run as may, and none has ended in time."""
    message = "Too many requests run at the same time. Try again in a moment"
    return Failure(529, "overloaded_error", message, retry_after_seconds=max(1, round(wait_seconds)))


def timed_out(function: str, timeout_seconds: float) -> Failure:
    """The function ran into its Timeout."""
    return Failure(504, "timeout_error", f"{function} did not finish within its {timeout_seconds:g} seconds")


def broken(function: str) -> Failure:
    """The function failed."""
    return Failure(500, "api_error", f"{function} failed; the reason is in the server's log")


def unusable(function: str) -> Failure:
    """The function's module cannot be imported."""
    return Failure(500, "api_error", f"{function} cannot start; the reason is in the server's log")


def wrong_shape(function: str, problem: str) -> Failure:
    """The function answered what API Gateway would not take."""
    return Failure(500, "api_error", f"{function} gave an answer that API Gateway does not take: {problem}")


def internal() -> Failure:
    """A defect of the server."""
    return Failure(500, "api_error", "The server failed; the reason is in its log")


def stopping() -> Failure:
    """The server is shutting down; where there are several, the next attempt meets another."""
    message = "The server is shutting down: send the request again"
    return Failure(529, "overloaded_error", message, retry_after_seconds=1)
