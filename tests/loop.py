"""One event loop for tests that are no coroutines: what one call leaves behind, the next finds."""

import asyncio
import atexit
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_runner = asyncio.Runner()
atexit.register(_runner.close)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Its result."""
    return _runner.run(work)


def start(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task that goes on whenever the loop runs."""

    async def started() -> "asyncio.Task[T]":
        return asyncio.create_task(work)

    return run(started())
