"""Handlers for the runtime's tests. What they print tells how far they are; a line of input lets them go on."""

# ruff: noqa: T201  the tests read what is printed

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from streaming import StreamingResponse

SECRET = "the caller's own words"
seen: ContextVar[str] = ContextVar("seen", default="nothing")
left: set[asyncio.Task[None]] = set()


async def echo(event: dict[str, Any], context: object) -> object:
    """Answer with the event's answer."""
    return event["answer"]


def echo_plainly(event: dict[str, Any], context: object) -> object:
    """The same, as a plain function."""
    return event["answer"]


async def trace_id(event: dict[str, Any], context: object) -> object:
    """Answer with the trace id of the invocation."""
    return os.environ.get("_X_AMZN_TRACE_ID")


async def remember(event: dict[str, Any], context: object) -> object:
    """Answer with what an earlier invocation has set in a context variable; set it."""
    before = seen.get()
    seen.set(event["word"])
    return before


async def facts(event: dict[str, Any], context: Any) -> object:
    """Answer with what the context object says."""
    return {
        "aws_request_id": context.aws_request_id,
        "function_name": context.function_name,
        "function_version": context.function_version,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "log_group_name": context.log_group_name,
        "log_stream_name": context.log_stream_name,
    }


async def fail(event: dict[str, Any], context: object) -> object:
    """Raise instead of answering."""
    raise ValueError(SECRET)


def fail_plainly(event: dict[str, Any], context: object) -> object:
    """The same, as a plain function."""
    raise ValueError(SECRET)


async def cancel(event: dict[str, Any], context: object) -> object:
    """Await what was cancelled."""
    task = asyncio.create_task(asyncio.sleep(0))
    task.cancel()
    await task
    return None


async def leave(event: dict[str, Any], context: object) -> object:
    """End the process, which a handler should not."""
    sys.exit(SECRET)


async def wait(event: dict[str, Any], context: object) -> object:
    """Wait before answering."""
    try:
        await wait_for_line()
        return "waited"
    finally:
        print("left")


def wait_plainly(event: dict[str, Any], context: object) -> object:
    """The same, as a plain function, which nothing interrupts."""
    try:
        print("waiting")
        os.read(sys.stdin.fileno(), 1)
        return "waited"
    finally:
        print("left")


async def leave_tasks(event: dict[str, Any], context: object) -> object:
    """Answer, and leave a task to run: `end` names how it goes on."""
    ends = {"chain": chain, "fail": fail_late, "leave": leave_late, "linger": linger}
    keep(ends[event["end"]]())
    return "answered"


def keep(work: Any) -> None:
    """Run it in a task that nobody awaits."""
    task = asyncio.create_task(work)
    left.add(task)
    task.add_done_callback(left.discard)


async def chain() -> None:
    """Store something, and start a task that stores more."""
    await wait_for_line()
    keep(store())


async def store() -> None:
    """Store something, which takes a while."""
    await wait_for_line()
    print("stored")


async def fail_late() -> None:
    """Raise where nobody awaits it."""
    await asyncio.sleep(0)
    raise ValueError(SECRET)


async def leave_late() -> None:
    """End the process where nobody awaits it."""
    await asyncio.sleep(0)
    sys.exit(SECRET)


async def linger() -> None:
    """Never end."""
    await asyncio.Event().wait()


async def stream(event: dict[str, Any], context: object) -> object:
    """Stream by the event's script; `end` names what runs after the response."""
    ends = {
        "settle": settle,
        "fail": fail_to_settle,
        "leave": leave_late,
        "wait": settle_slowly,
        "count": count_cancellations,
    }
    headers = {"content-type": "text/event-stream", **event.get("headers", {})}
    return StreamingResponse(200, headers, Body(event["script"], ends[event.get("end", "settle")]))


async def stream_list(event: dict[str, Any], context: object) -> object:
    """Return a body that nothing can await."""
    pieces: Any = [b"one"]
    return StreamingResponse(200, {}, pieces)


class Body:
    """A body by script, with an end of its own."""

    def __init__(self, script: list[str], end: Callable[[], Awaitable[None]]) -> None:
        self._pieces = play(script)
        self._end = end

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """End it, whether or not it was read."""
        await self._pieces.aclose()
        await self._end()


async def play(script: list[str]) -> AsyncGenerator[bytes, None]:
    """A body by script: `wait`, `fail`, `leave`, `persist`; anything else is sent."""
    try:
        for step in script:
            match step:
                case "wait":
                    await wait_for_line()
                case "persist":
                    await persist()
                case "fail":
                    raise ValueError(SECRET)
                case "leave":
                    sys.exit(SECRET)
                case piece:
                    yield piece.encode()
    finally:
        print("closed")


async def persist() -> None:
    """Wait, and go on where the wait is cancelled."""
    try:
        await wait_for_line()
    except asyncio.CancelledError:
        print("cancelled")


async def wait_for_line() -> None:
    """Tell that we wait, and wait."""
    print("waiting")
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), arrived.set)
    try:
        await arrived.wait()
        os.read(sys.stdin.fileno(), 1)
    finally:
        loop.remove_reader(sys.stdin.fileno())


async def settle() -> None:
    """Tell that the response has ended."""
    print("settled")


async def fail_to_settle() -> None:
    """Raise when the response has ended."""
    raise ValueError(SECRET)


async def settle_slowly() -> None:
    """Take a while when the response has ended."""
    await wait_for_line()
    print("settled")


async def count_cancellations() -> None:
    """Tell how often the task that settles was cancelled."""
    task = asyncio.current_task()
    print("cancellations:", None if task is None else task.cancelling())
