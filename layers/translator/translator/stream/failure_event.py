"""Builds the event that ends a stream which has failed."""

from translator.anthropic.errors import ApiError, ErrorBody, Fault


def error_event(error: ApiError, *, request_id: str | None, is_empty: bool) -> ErrorBody:
    """The event that ends a stream.

    After `message_start` and before any content, an upstream's passing failure is an `overloaded_error`: on that
    clients ask for the stream once more, on any other for a whole answer.
    """
    body = error.body(request_id)
    is_passing = error.fault is Fault.UPSTREAM and error.retry is not False
    if is_empty and is_passing and error.error_type in ("api_error", "timeout_error"):
        body["error"]["type"] = "overloaded_error"
    return body
