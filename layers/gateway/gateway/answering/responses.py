"""Makes the two forms of an answer, whole and streamed, of the same pieces."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from streaming import StreamingResponse
from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import PING, encode_events
from translator.writing.endings import EmptyAnswerError

from gateway.answering.attempts import Attempts
from gateway.answering.open_answer import OpenAnswer
from gateway.answering.request_log import RequestLog
from gateway.web.proxy_event import answer_json
from gateway.web.uninterrupted import uninterrupted

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_PING = encode_events([PING])


async def whole_answer(attempts: Attempts, log: RequestLog) -> dict[str, Any]:
    """Ask, and answer when everything has arrived. Raises `ApiError`."""
    try:
        body = await _collected(attempts, log)
    except ApiError as error:
        if error.error_type == "timeout_error" and attempts.is_out_of_time():
            raise _too_long_for_a_whole_answer() from error
        raise
    return whole_of(body, log)


def whole_of(body: bytes, log: RequestLog) -> dict[str, Any]:
    """The answer that is this message; ends the request."""
    answer = answer_json(200, body, log.headers({}))
    log.end()
    return answer


async def streamed_answer(attempts: Attempts, log: RequestLog, *, ping_seconds: float) -> StreamingResponse:
    """Ask, and answer with the first event, or without it when it takes longer than a ping. Raises `ApiError`."""
    opening = _Opening(attempts, asyncio.create_task(log.begin(attempts)))
    early = b""
    try:
        while not early:
            await opening.news(ping_seconds)
            if opening.task.done():
                opening.task.result()
                break
            if early := attempts.commit():
                log.answers(attempts)
    except BaseException:
        await uninterrupted(opening.let_go(log))
        raise
    return StreamingResponse(200, log.headers(STREAM_HEADERS), _Body(opening, early, log, ping_seconds))


def stream_of(pieces: Iterable[bytes], log: RequestLog) -> StreamingResponse:
    """A streamed answer that is known; its end ends the request."""

    async def end() -> None:
        log.end()

    return StreamingResponse(200, log.headers(STREAM_HEADERS), _Known(pieces, end))


async def recorded(answer: dict[str, Any], log: RequestLog) -> dict[str, Any] | StreamingResponse:
    """A whole answer; where writing its record takes its time, that is done when it has been sent."""
    if log.has_to_write:
        body = _Known([answer["body"].encode()], log.record)
        return StreamingResponse(answer["statusCode"], answer["headers"], body)
    await log.record()
    return answer


class _Known:
    """The body of an answer that is known, and what is to be done when it has ended."""

    def __init__(self, pieces: Iterable[bytes], end: Callable[[], Awaitable[None]]) -> None:
        self._pieces = iter(pieces)
        self._end = end

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the request."""
        await self._end()


@dataclass(frozen=True, slots=True)
class _Opening:
    """The attempts, and the task that makes them until one has come to content."""

    attempts: Attempts
    task: "asyncio.Task[OpenAnswer]"
    before: OpenAnswer | None = None
    """What the stream has begun with: it is settled here where no other answer goes on with it."""

    async def news(self, seconds: float) -> None:
        """Wait until an upstream is heard, the attempts are over, or the seconds have passed."""
        heard = self.attempts.heard
        self.task.add_done_callback(lambda _: heard.set())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await heard.wait()

    async def let_go(self, log: RequestLog) -> None:
        """End the attempts, and what they have come to."""
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
        if not self.task.cancelled() and self.task.exception() is None:
            answer = self.task.result()
            log.used(await answer.finish(), is_estimate=answer.is_estimate)
        elif self.before is not None:
            log.used(await self.before.finish(), is_estimate=True)


class _Body:
    """The body of a stream. An object and no generator, since it must let go of the upstream also when never read."""

    def __init__(self, opening: _Opening, early: bytes, log: RequestLog, ping_seconds: float) -> None:
        self._state: _Opening | OpenAnswer = opening
        """An open answer holds nothing of the request, which may be large, for as long as the stream lasts."""
        self._attempts: Attempts | None = opening.attempts
        """As long as they may be needed again."""
        self._early = early
        self._log = log
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
            yield self._early
        try:
            is_whole = False
            while not is_whole:
                while isinstance(self._state, _Opening):
                    await asyncio.wait({self._state.task}, timeout=self._ping_seconds)
                    if self._state.task.done():
                        self._state = self._state.task.result()
                    else:
                        yield _PING
                answer = self._state
                try:
                    async with aclosing(self._rest(answer)) as rest:
                        async for piece in rest:
                            yield piece
                    is_whole = True
                except EmptyAnswerError as error:
                    yield await self._ask_again(answer, error)
        except ApiError as error:
            yield self._break_off(error)
        except Exception as error:  # noqa: BLE001 -- the last resort: a stream that has begun ends lawfully
            yield self._break_off(self._log.unexpected(error))

    async def _rest(self, answer: OpenAnswer) -> AsyncGenerator[bytes]:
        """The answer, with a ping wherever the caller would hear nothing for too long."""
        if answer.again is None:
            self._attempts = None
        if answer.first:
            yield answer.first
        now, alarm = time.monotonic, answer.upstream.alarm
        alarm.due = now() + self._ping_seconds
        async with aclosing(answer.rest()) as pieces:
            async for piece in pieces:
                if self._attempts is not None and answer.again is None:
                    self._attempts = None
                if piece:
                    yield piece
                elif now() >= alarm.due:
                    yield _PING
                else:
                    continue
                alarm.due = now() + self._ping_seconds
        self._log.succeeded(answer.writer.stop_reason)

    async def _ask_again(self, answer: OpenAnswer, error: EmptyAnswerError) -> bytes:
        """The end of what the model has thought, while it is asked once more. Raises the error where that was done."""
        again, attempts = answer.again, self._attempts
        if again is None or attempts is None or not again.may_ask():
            raise error
        answer.again = None
        await answer.let_go()
        end = again.writer.pause(error)
        self._state = _Opening(attempts, asyncio.create_task(self._log.begin_again(attempts, again)), before=answer)
        return end

    async def _end(self) -> None:
        try:
            await self._pieces.aclose()
            match self._state:
                case _Opening() as opening:
                    await opening.let_go(self._log)
                case answer:
                    self._log.used(await answer.finish(), is_estimate=answer.is_estimate)
        finally:
            self._log.end()
            await self._log.record()

    def _break_off(self, error: ApiError) -> bytes:
        self._log.broke_off(error)
        writer = self._state.attempts.writer if isinstance(self._state, _Opening) else self._state.writer
        return b"" if writer is None else writer.fail(error, request_id=self._log.summary.request_id)


async def _collected(attempts: Attempts, log: RequestLog) -> bytes:
    answer = await log.begin(attempts)
    pieces = [answer.first]
    try:
        async with aclosing(answer.rest()) as rest:
            pieces += [piece async for piece in rest]
        log.succeeded(answer.writer.stop_reason)
    finally:
        log.waited()
        log.used(await uninterrupted(answer.finish()), is_estimate=answer.is_estimate)
    return b"".join(pieces)


def _too_long_for_a_whole_answer() -> ApiError:
    return ApiError(
        "timeout_error",
        'the answer takes longer than a whole one may take: ask for a stream ("stream": true)',
        fault=Fault.UPSTREAM,
        retry=False,  # it would be as long again
    )
