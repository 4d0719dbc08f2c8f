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
    """The same log for who may fail nobody: a line that cannot be written is lost, and nothing else."""

    def write(message: str, fields: dict[str, object]) -> None:
        with suppress(Exception):
            log(message, fields)

    return write


def beside_the_answer(make: Callable[[], Decoration], otherwise: Decoration, log: Log) -> Decoration:
    """What only goes beside an answer, its log line for one: where making it fails, the answer stays what it is."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is no reason to lose the answer
        never_failing(log)("failed beside an answer", kind_and_place(error))
        return otherwise


async def after_the_answer(work: Callable[[], Awaitable[None]], log: Log) -> None:
    """The same for what is done when an answer has ended."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the answer has been given
        never_failing(log)("failed beside an answer", kind_and_place(error))


def unexpected(error: Exception, log: Log) -> ApiError:
    """The error that the caller is told of."""
    if isinstance(error, RecursionError):
        # Nothing but a caller's JSON is as deep as that.
        return invalid_request("The request body is nested too deeply.")
    beside_the_answer(lambda: log("unexpected error", kind_and_place(error)), None, log)
    return ApiError("api_error", "Internal server error", fault=Fault.GATEWAY)


def kind_and_place(error: Exception) -> dict[str, object]:
    """What may be logged of an exception: its text may hold what the caller sent."""
    frames = extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "where": [f"{frame.filename}:{frame.lineno}" for frame in frames[-5:]]}


def log_line(message: str, fields: dict[str, object]) -> None:
    """A log for functions that have nothing but failures to tell: one line of JSON."""
    sys.stdout.write(json.dumps({"level": "ERROR", "message": message, **fields}) + "\n")
