"""What nobody expected: its kind and place go to the log, an apology to the caller, its text to neither."""

import json
import sys
from traceback import extract_tb

from translator.anthropic.errors import ApiError, Fault, invalid_request

from gateway.web.summary import Log


def unexpected(error: Exception, log: Log) -> ApiError:
    """The error that the caller is told of."""
    if isinstance(error, RecursionError):
        # Nothing but a caller's JSON is as deep as that.
        return invalid_request("The request body is nested too deeply.")
    log("unexpected error", kind_and_place(error))
    return ApiError("api_error", "Internal server error", fault=Fault.GATEWAY)


def kind_and_place(error: Exception) -> dict[str, object]:
    """What may be logged of an exception: its text may hold what the caller sent."""
    frames = extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "where": [f"{frame.filename}:{frame.lineno}" for frame in frames[-5:]]}


def log_line(message: str, fields: dict[str, object]) -> None:
    """A log for functions that have nothing but failures to tell: one line of JSON."""
    sys.stdout.write(json.dumps({"level": "ERROR", "message": message, **fields}) + "\n")
