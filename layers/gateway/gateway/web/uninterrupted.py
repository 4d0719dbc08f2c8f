"""Runs work to its end, whoever has stopped waiting for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_UNDER_WAY: set[asyncio.Task[Any]] = set()
"""Holds the tasks: a loop forgets those that nobody holds."""


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run the work to its end, even where the task that waits for it is cancelled."""
    return await asyncio.shield(in_background(work))


def in_background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start the work. Only `settled` waits for it."""
    task = asyncio.create_task(work)
    _UNDER_WAY.add(task)
    task.add_done_callback(_UNDER_WAY.discard)
    return task


async def settled() -> None:
    """Wait until all such work of this event loop is done."""
    loop = asyncio.get_running_loop()
    while here := [task for task in _UNDER_WAY if task.get_loop() is loop]:
        await asyncio.wait(here)
