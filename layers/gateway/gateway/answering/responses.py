"""The two forms of an answer, made of the same events: whole, or as a stream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Coroutine, Iterable
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from streaming import StreamingResponse
from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import PING, Event, encode_events, encode_json
from translator.stream.fold import Fold

from gateway.answering.attempts import Attempts, OpenAnswer
from gateway.answering.request_log import RequestLog
from gateway.web.proxy_event import answer_json

T = TypeVar("T")

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_PING = encode_events([PING])
_UNDER_WAY: set[asyncio.Task[Any]] = set()
"""Holds the tasks of `uninterrupted`: a loop forgets those that nobody holds."""


async def whole_answer(attempts: Attempts, log: RequestLog) -> dict[str, Any]:
    """Ask, and answer when everything has arrived. Raises `ApiError`."""
    try:
        fold = await _folded(attempts, log)
    except ApiError as error:
        if error.error_type == "timeout_error" and attempts.seconds_left() <= 0:
            raise _too_long_for_a_whole_answer() from error
        raise
    log.succeeded(attempts.emitter.stop_reason)
    return whole_of(fold, log)


def whole_of(fold: Fold, log: RequestLog) -> dict[str, Any]:
    """The answer for events that have been folded; ends the request."""
    answer = answer_json(200, encode_json(fold.message), log.headers({}))
    log.end()
    return answer


async def streamed_answer(attempts: Attempts, log: RequestLog, *, ping_seconds: float) -> StreamingResponse:
    """Ask, and answer with the first event, or without it when it takes longer than a ping. Raises `ApiError`."""
    opening = asyncio.create_task(log.begin(attempts))
    counting = attempts.count_soon()
    try:
        await _news(opening, attempts.heard, ping_seconds)
        if opening.done():
            opening.result()
            early: list[Event] = []
        else:
            early = attempts.commit()
            log.answers(attempts)
    except BaseException:
        await uninterrupted(_let_go(attempts, log, opening))
        raise
    finally:
        counting.cancel()
    return StreamingResponse(200, log.headers(STREAM_HEADERS), _Body(attempts, log, opening, early, ping_seconds))


def stream_of(pieces: Iterable[bytes], log: RequestLog) -> StreamingResponse:
    """A streamed answer that is known; its end ends the request."""
    return StreamingResponse(200, log.headers(STREAM_HEADERS), _Known(pieces, log))


class _Known:
    """The body of an answer that is known."""

    def __init__(self, pieces: Iterable[bytes], log: RequestLog) -> None:
        self._pieces = iter(pieces)
        self._log = log

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Log the request."""
        self._log.end()


class _Body:
    """The body of a stream. An object and no generator, since it must let go of the upstream also when never read."""

    def __init__(
        self,
        attempts: Attempts,
        log: RequestLog,
        opening: "asyncio.Task[OpenAnswer]",
        early: list[Event],
        ping_seconds: float,
    ) -> None:
        self._attempts = attempts
        self._log = log
        self._opening = opening
        self._early = early
        self._ping_seconds = ping_seconds
        self._pieces = self._read()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    def __anext__(self) -> Awaitable[bytes]:
        return self._pieces.__anext__()

    async def aclose(self) -> None:
        """Let go of the upstream, however far the answer has come, and log the request."""
        await uninterrupted(self._end())

    async def _read(self) -> AsyncGenerator[bytes]:
        if self._early:
            yield encode_events(self._early)
        try:
            while not self._opening.done():
                await asyncio.wait({self._opening}, timeout=self._ping_seconds)
                if not self._opening.done():
                    yield _PING
            answer = self._opening.result()
            if answer.events:
                yield encode_events(answer.events)
            async with aclosing(self._rest(answer)) as rest:
                async for piece in rest:
                    yield piece
            self._log.succeeded(self._attempts.emitter.stop_reason)
        except ApiError as error:
            yield self._break_off(error)
        except Exception as error:  # noqa: BLE001 -- the last resort: a stream that has begun ends lawfully
            yield self._break_off(self._log.unexpected(error))

    async def _rest(self, answer: OpenAnswer) -> AsyncGenerator[bytes]:
        """What follows, with a ping wherever the caller would hear nothing for too long."""
        now, alarm = asyncio.get_running_loop().time, answer.upstream.alarm
        alarm.due = now() + self._ping_seconds
        async with aclosing(self._attempts.rest(answer)) as batches:
            async for events in batches:
                if events:
                    yield encode_events(events)
                elif now() >= alarm.due:
                    yield _PING
                else:
                    continue
                alarm.due = now() + self._ping_seconds

    async def _end(self) -> None:
        try:
            await self._pieces.aclose()
            await _let_go(self._attempts, self._log, self._opening)
        finally:
            self._log.end()

    def _break_off(self, error: ApiError) -> bytes:
        self._log.broke_off(error)
        return encode_events(self._attempts.emitter.fail(error, request_id=self._log.summary.request_id))


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Do the work to its end, also where whoever waits for it is cancelled meanwhile."""
    task = asyncio.create_task(work)
    _UNDER_WAY.add(task)
    task.add_done_callback(_UNDER_WAY.discard)
    return await asyncio.shield(task)


async def _news(opening: "asyncio.Task[OpenAnswer]", heard: asyncio.Event, seconds: float) -> None:
    """Wait until an upstream is heard, the attempts are over, or the seconds have passed."""
    opening.add_done_callback(lambda _: heard.set())
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await heard.wait()


async def _folded(attempts: Attempts, log: RequestLog) -> Fold:
    answer = await log.begin(attempts)
    fold = Fold()
    try:
        fold.feed(answer.events)
        async with aclosing(attempts.rest(answer)) as batches:
            async for events in batches:
                fold.feed(events)
    finally:
        log.waited()
        log.used(await uninterrupted(attempts.finish(answer)))
    return fold


def _too_long_for_a_whole_answer() -> ApiError:
    return ApiError(
        "timeout_error",
        'the answer takes longer than a whole one may take: ask for a stream ("stream": true)',
        fault=Fault.UPSTREAM,
        retry=False,  # it would be as long again
    )


async def _let_go(attempts: Attempts, log: RequestLog, opening: "asyncio.Task[OpenAnswer]") -> None:
    if not opening.done():
        opening.cancel()
        await asyncio.wait({opening})
    if not opening.cancelled() and opening.exception() is None:
        log.used(await attempts.finish(opening.result()))
