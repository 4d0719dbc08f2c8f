"""Writes the log of a server in a container: a JSON object a line, never a prompt, a key or an answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from streaming.failure import Failure

from edgeway.local.console.request_lines import Access
from edgeway.local.console.terminal import Output

PROBES: Final = frozenset({"/", "/api/hello"})
"""A load balancer asks every few seconds: an answer of 200 is no news."""
LONGEST_PATH: Final = 200
OWN: Final = "edgeway"


class LogLines(logging.Handler):
    """Writes them, as a server's reporter and as the handler of its own log. `now` gives the time, with its zone."""

    def __init__(self, output: Output, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._output = output
        self._now = now

    def output(self, function: str, line: str) -> None:
        """Pass on what a function logs, which is JSON; make it so where it is not."""
        if _is_object(line):
            self._write(line)
        elif line:
            self._log("INFO", line, origin=function)

    def say(self, origin: str, line: str) -> None:
        """Write a line of the server's own."""
        self._log("INFO", line, origin=origin)

    def begun(self, request_id: str) -> None:
        """Nothing is logged of a request before it ends."""

    def ended(self, access: Access) -> None:
        """Log a request as the caller has seen it; `status` is null where he had gone before there was one."""
        if access.status == 200 and access.path in PROBES:
            return
        self._log(
            "INFO",
            "access",
            request_id=access.request_id,
            method=access.method,
            path=access.path[:LONGEST_PATH],
            status=access.status,
            total_ms=round(access.milliseconds, 1),
            **({"broke_off": True} if access.broke_off else {}),
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Log a failure: of an exception its type and its place, since its text may hold what a caller sent."""
        is_own = record.name.partition(".")[0] == OWN
        error = record.exc_info[1] if record.exc_info else None
        described = {} if error is None else Failure("Server", error).description
        # Others may put an exception's text into the message itself, after its first line.
        message = record.getMessage() if is_own else record.getMessage().partition("\n")[0]
        self._log(record.levelname, message, origin=record.name, **described)

    def _log(self, level: str, message: str, **fields: object) -> None:
        self._write(json.dumps({"level": level, "timestamp": self._now().isoformat(), "message": message, **fields}))

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):  # an output that takes no more keeps nobody from being served
            self._output.write(line + "\n")
            self._output.flush()


def _is_object(line: str) -> bool:
    if not line.startswith("{"):
        return False
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
