"""Describes an exception by its type and place, never by its message, which may hold user data."""

import base64
import json
import sys
from contextlib import suppress

FRAMES = 30  # the innermost ones; error trailers travel as headers, which have to stay small
WITHHELD = "The message is withheld, because it may hold user data."


class Failure:
    """An exception in the form in which the Runtime API and the log get it."""

    __slots__ = ("description", "kind")

    def __init__(self, category: str, error: BaseException) -> None:
        """Category: `Function` or `Runtime`, whichever is at fault; the kind is then `category.reason`."""
        name = type(error).__name__
        self.kind = f"{category}.{name}".encode("ascii", "replace").decode()
        self.description: dict[str, object] = {
            "errorType": name,
            "errorMessage": WITHHELD,
            "stackTrace": _frames(error),
        }

    def as_json(self) -> bytes:
        """The body of an error request."""
        return json.dumps(self.description).encode()

    def as_trailers(self) -> bytes:
        """The trailers that end a response which began and then failed."""
        return b"Lambda-Runtime-Function-Error-Type: %b\r\nLambda-Runtime-Function-Error-Body: %b\r\n" % (
            self.kind.encode(),
            base64.b64encode(self.as_json()),
        )

    def log(self, message: str, **facts: object) -> None:
        """Write what failed, and how, to the log."""
        log(message, **facts, **self.description)


def log(message: str, **facts: object) -> None:
    """Write one line of JSON to the log. A log that takes no more keeps nobody from being told otherwise."""
    with suppress(OSError, ValueError):  # ValueError: it has been closed
        sys.stderr.write(json.dumps({"level": "ERROR", "message": message, **facts}) + "\n")


def _frames(error: BaseException) -> list[str]:
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    return frames[-FRAMES:]
