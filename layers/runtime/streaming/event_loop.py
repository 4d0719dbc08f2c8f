"""The event loop of an execution environment: one for all its invocations, so that connections can be kept."""

import asyncio
from asyncio import AbstractEventLoop, Runner, Task
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

from streaming.failure import Failure, log

PATIENCE = 5.0
"""Seconds that the next invocation waits for the tasks that an earlier one has left."""

Result = TypeVar("Result")


def run_on_one_loop(handler: Callable[[Any, Any], Coroutine[Any, Any, Result]]) -> Callable[[Any, Any], Result]:
    """An async handler as a plain one, for Lambda's own runtime, which awaits nothing: every call runs on one loop."""
    runner = Runner(loop_factory=new_loop)
    left = LeftTasks()

    async def serve(event: Any, context: Any) -> Result:
        try:
            return await handler(event, context)
        finally:
            await left.finish(context.get_remaining_time_in_millis() / 1000)

    def plain_handler(event: Any, context: Any) -> Result:
        return runner.run(serve(event, context), context=copy_context())

    return plain_handler


def new_loop() -> AbstractEventLoop:
    """A loop that logs a failure which nobody awaits as any other: without what the exception says."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_log_failure)
    return loop


class LeftTasks:
    """Tasks that handlers started and left. Who waits for the next invocation is frozen by Lambda, tasks and all."""

    def __init__(self, others: Iterable[Task[Any]] = ()) -> None:
        """Others: tasks that are not a handler's."""
        self._others = set(others)

    async def finish(self, seconds: float) -> None:
        """Wait for them, no longer than `PATIENCE` and so many seconds. What takes longer is not waited for again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(PATIENCE, seconds)):
                await asyncio.sleep(0)  # what is only scheduled becomes a task: the end of an abandoned generator, say
                while left := self._running():
                    await asyncio.wait(left)
                    await asyncio.sleep(0)
        if left := self._running():
            log("tasks outlive their invocation", tasks=len(left))
        self._others = (self._others | left) & asyncio.all_tasks()

    def _running(self) -> set[Task[Any]]:
        return asyncio.all_tasks() - self._others - {asyncio.current_task()}


def _log_failure(_loop: AbstractEventLoop, report: dict[str, Any]) -> None:
    if "exception" in report:
        Failure("Function", report["exception"]).log("a task failed that nobody awaits")
    else:
        log("a task was lost before its end")
