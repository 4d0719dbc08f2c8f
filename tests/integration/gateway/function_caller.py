"""Runs inside the process of a function: calls the handler with each event that comes in, and hands out the answers.

The answers leave by a pipe of their own, so that stdout and stderr hold nothing but what the function prints.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from itertools import islice
from typing import Any


class Context:
    """What the function asks of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """The time that template.yaml gives."""
        return 900_000


def received(result: Any, pieces: int | None) -> Mapping[str, Any]:
    """The answer; of a stream so many pieces, before the caller hangs up, or all of them."""
    if isinstance(result, Mapping):
        return result
    try:
        body = b"".join(islice(result.body, pieces)).decode()
    finally:
        close = getattr(result.body, "close", None)
        if close is not None:
            close()
        result.after()
    return {"statusCode": result.status, "headers": dict(result.headers), "body": body}


def main() -> None:
    """Serve until there are no more events."""
    from app import handler  # type: ignore[import-not-found]

    with os.fdopen(int(sys.argv[1]), "w") as answers:
        for line in sys.stdin:
            event = json.loads(line)
            pieces = event.pop("pieces", None)
            answers.write(json.dumps(received(handler(event, Context()), pieces)) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
