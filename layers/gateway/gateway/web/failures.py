"""Handles unexpected errors: the log gets type and place, the caller an apology, neither the message."""

import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from traceback import extract_tb
from typing import TypeVar

from translator.anthropic.errors import ApiError, Fault, invalid_request

from gateway.web.summary import Log

Decoration = TypeVar("Decoration")


def never_failing(log: Log) -> Log:
    """Return the same log, for code that must never raise. A line that cannot be written is lost."""

    def write(message: str, fields: dict[str, object]) -> None:
        with suppress(Exception):
            log(message, fields)

    return write


def beside_the_answer(make: Callable[[], Decoration], otherwise: Decoration, log: Log) -> Decoration:
    """Make a decoration of an answer: a header, a log line.

    If that fails, log it and return `otherwise`; the answer stays.
    """
    try:
        return make()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is no reason to lose the answer
        never_failing(log)("failed beside an answer", kind_and_place(error))
        return otherwise


async def after_the_answer(work: Callable[[], Awaitable[None]], log: Log) -> None:
    """Do work that follows an answer. If it fails, log that; the answer has been given."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the answer has been given
        never_failing(log)("failed beside an answer", kind_and_place(error))


def unexpected(error: Exception, log: Log) -> ApiError:
    """Return the error that the caller sees for an unexpected exception, and log the exception."""
    if isinstance(error, RecursionError):
        # Nothing but a caller's JSON is as deep as that.
        return invalid_request("The request body is nested too deeply.")
    beside_the_answer(lambda: log("unexpected error", kind_and_place(error)), None, log)
    return ApiError("api_error", "Internal server error", fault=Fault.GATEWAY)


def kind_and_place(error: Exception) -> dict[str, object]:
    """Return the parts of an exception that may be logged. Its text may hold what the caller sent."""
    frames = extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "where": [f"{frame.filename}:{frame.lineno}" for frame in frames[-5:]]}


def log_line(message: str, fields: dict[str, object]) -> None:
    """Write one line of JSON. For functions that log nothing but failures."""
    sys.stdout.write(json.dumps({"level": "ERROR", "message": message, **fields}) + "\n")
