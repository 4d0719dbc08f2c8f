"""Runs inside the process of a function: calls the handler with each event that comes in, and hands out the answers.

The answers leave by a pipe of their own, so that stdout and stderr hold nothing but what the function prints.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from inspect import iscoroutinefunction
from typing import Any

from streaming import run_on_one_loop


class Context:
    """What the function asks of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """The time that template.yaml gives."""
        return 900_000


async def received(result: Any, pieces: int | None) -> Mapping[str, Any]:
    """The answer; of a stream so many pieces, before the caller hangs up, or all of them."""
    if isinstance(result, Mapping):
        return result
    body: list[bytes] = []
    async with aclosing(result.body) as arriving:
        while pieces is None or len(body) < pieces:
            piece = await anext(arriving, None)
            if piece is None:
                break
            body.append(piece)
    return {"statusCode": result.status, "headers": dict(result.headers), "body": b"".join(body).decode()}


def plain(handler: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Mapping[str, Any]]:
    """An async handler as one that gives the whole answer; what it leaves behind ends before the next event."""

    async def answered(event: dict[str, Any], context: Context) -> Mapping[str, Any]:
        pieces = event.pop("pieces", None)
        return await received(await handler(event, context), pieces)

    return run_on_one_loop(answered)


def main() -> None:
    """Serve until there are no more events."""
    from app import handler  # type: ignore[import-not-found]

    call = plain(handler) if iscoroutinefunction(handler) else handler
    with os.fdopen(int(sys.argv[1]), "w") as answers:
        for line in sys.stdin:
            answers.write(json.dumps(call(json.loads(line), Context())) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
