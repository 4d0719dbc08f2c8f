"""Serves invocations in a loop: fetches one, calls the handler, answers, ends the response."""

import asyncio
import os
import signal
import sys
from asyncio import CancelledError, Task
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress

from streaming import answer
from streaming.connection import Response
from streaming.context import Context, milliseconds_left
from streaming.event_loop import LeftTasks
from streaming.failure import Failure, log
from streaming.response import StreamingResponse
from streaming.runtime_api import Invocation, RuntimeApi
from streaming.stream import CallerGoneError

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Handler = Callable[..., object]


class Loop:
    """Serves the invocations of one process, one at a time, each in a task of its own."""

    def __init__(self, api: RuntimeApi, handler: Handler, *, streams: bool) -> None:
        """Streams: whether every answer is in the streaming format; else every answer is one JSON document."""
        self._api = api
        self._handler = handler
        self._streams = streams
        self.exit_status: int | None = None
        self._interruptible: Task[None] | None = None  # what a signal may cancel: a settlement is not cut short

    async def run(self) -> int:
        """Serve until the process is to end; its exit status. OSError: nobody offers invocations any more."""
        for number in ENDING_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        left = LeftTasks(asyncio.all_tasks())
        while self.exit_status is None:
            self._interruptible = asyncio.create_task(self._serve_next(left))
            with suppress(CancelledError):
                await self._interruptible
        return self.exit_status

    def _end(self) -> None:
        """Only the first signal counts: another must not interrupt the `finally` blocks."""
        if self.exit_status is None:
            self.exit_status = 0
            if self._interruptible is not None:
                self._interruptible.cancel()

    async def _serve_next(self, left: LeftTasks) -> None:
        invocation = await self._api.next()
        try:
            await self._serve(invocation)
        finally:
            await left.finish(milliseconds_left(invocation.headers) / 1000)
            sys.stdout.flush()

    async def _serve(self, invocation: Invocation) -> None:
        """Call, answer, end. What goes wrong is reported, and ends the process only if it is no Exception."""
        request_id = invocation.request_id
        result: object = None
        try:
            _set_trace_id(invocation.headers.get("lambda-runtime-trace-id"))
            result = self._handler(invocation.take_event(), Context(invocation.headers, os.environ))
            if isinstance(result, Awaitable):
                result = await result
            _check(await self._answer(request_id, result))
        except CallerGoneError:
            pass  # there is nobody to tell
        except BaseException as error:  # noqa: BLE001  whatever a handler raises, its caller is to know
            if self._is_told_to_end(error):
                _forget_cancellation()
            else:
                failure = self._note("the handler failed", request_id, error)
                with suppress(OSError):  # the caller has gone, or everybody has: the next request will tell
                    await self._api.fail(request_id, failure)
        finally:
            self._interruptible = None
            await self._close(request_id, result)
            with suppress(OSError, ValueError):  # a log that takes no more: the answer is out
                sys.stdout.flush()

    async def _answer(self, request_id: str, result: object) -> Response:
        if not self._streams:
            return await self._api.respond(request_id, await answer.whole(result))
        prelude, body = answer.streamed(result)
        with closing(await self._api.connect_stream()) as stream:
            await stream.begin(self._api.stream_head(request_id), prelude)
            try:
                async for piece in body:
                    await stream.send(piece)
            except CallerGoneError:
                raise
            except BaseException as error:
                if self._is_told_to_end(error):
                    raise
                return await stream.fail(self._note("the body failed", request_id, error))
            return await stream.finish()

    async def _close(self, request_id: str, result: object) -> None:
        aclose = getattr(result.body, "aclose", None) if isinstance(result, StreamingResponse) else None
        if aclose is not None:
            try:
                await aclose()
            except BaseException as error:  # noqa: BLE001  the loop serves the invocations to come as well
                self._note("the end of a response failed", request_id, error)

    def _is_told_to_end(self, error: BaseException) -> bool:
        return isinstance(error, CancelledError) and self.exit_status is not None

    def _note(self, message: str, request_id: str, error: BaseException) -> Failure:
        """Log a failure. What is no Exception, SystemExit and its like, ends the process after this invocation."""
        failure = Failure("Function", error)
        failure.log(message, requestId=request_id)
        if not isinstance(error, Exception | CancelledError) and self.exit_status is None:
            self.exit_status = 1
        return failure


def _forget_cancellation() -> None:
    """What settles is to settle: a task that counts as cancelled is cancelled again by some of asyncio's own tools."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _check(response: Response) -> None:
    if response.status >= 300:
        log("the Runtime API refused an answer", status=response.status)


def _set_trace_id(trace_id: str | None) -> None:
    """The X-Ray SDK reads it from the environment."""
    if trace_id is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
