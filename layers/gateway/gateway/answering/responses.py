"""The two forms of an answer, made of the same events: whole, or as a stream."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import Empty
from typing import Any

from streaming import StreamingResponse
from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import PING, Event, encode_events, encode_json
from translator.stream.fold import Fold

from gateway.answering.attempts import Begun, Exchange
from gateway.answering.request_log import Observation
from gateway.cancellation import CancelledCallError
from gateway.web.proxy_event import answer_json

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_PING = encode_events([PING])


def whole_answer(exchange: Exchange, observed: Observation) -> dict[str, Any]:
    """Ask, and answer when everything has arrived. Raises `ApiError`."""
    try:
        fold = _folded(exchange, observed)
    except ApiError as error:
        if error.error_type == "timeout_error" and exchange.seconds_left() <= 0:
            raise _too_long_for_a_whole_answer() from error
        raise
    observed.succeeded(exchange.emitter.stop_reason)
    return whole_of(fold, observed)


def whole_of(fold: Fold, observed: Observation) -> dict[str, Any]:
    """The answer for events that have been folded; ends the request."""
    answer = answer_json(200, encode_json(fold.message), observed.headers({}))
    observed.end()
    return answer


def streamed_answer(
    exchange: Exchange, observed: Observation, *, background: Executor, ping_seconds: float
) -> StreamingResponse:
    """Ask, and answer with the first event, or without it when it takes longer than a ping. Raises `ApiError`."""
    started = background.submit(observed.begin, exchange)
    try:
        exchange.count_input()
        _await_news(started, exchange, ping_seconds)
        if started.done():
            started.result()
            early: list[Event] = []
        else:
            early = exchange.commit()
            observed.answers(exchange)
    except BaseException:
        # Also when the invocation is being ended: the upstream must not go on for nobody.
        _let_go(exchange, observed, started)
        raise
    return stream_of(_Body(exchange, observed, started, early), observed, keepalive=(ping_seconds, _PING))


def stream_of(
    body: Iterable[bytes], observed: Observation, *, keepalive: tuple[float, bytes] | None = None
) -> StreamingResponse:
    """A streamed answer; its end ends the request."""
    return StreamingResponse(200, observed.headers(STREAM_HEADERS), body, keepalive=keepalive, after=observed.end)


class _Body:
    """The body of a stream. An object and no generator, since it must let go of the upstream also when never read."""

    def __init__(self, exchange: Exchange, observed: Observation, started: "Future[Begun]", early: list[Event]) -> None:
        self._exchange = exchange
        self._observed = observed
        self._started = started
        self._early = early

    def __iter__(self) -> Iterator[bytes]:
        for events in self._batches():
            if events:
                yield encode_events(events)

    def cancel(self) -> None:
        """The caller has gone: end a wait for the upstream in another thread."""
        self._exchange.cancel()

    def close(self) -> None:
        """Let go of the upstream, however far the answer has come."""
        _let_go(self._exchange, self._observed, self._started)

    def _batches(self) -> Iterator[list[Event]]:
        yield self._early
        try:
            begun = self._started.result()
            yield begun.events
            yield from self._exchange.rest(begun)
            self._observed.succeeded(self._exchange.emitter.stop_reason)
        except CancelledCallError:
            raise  # nobody is there to be told
        except ApiError as error:
            yield self._break_off(error)
        except Exception as error:  # noqa: BLE001 -- the last resort: a stream that has begun ends lawfully
            yield self._break_off(self._observed.unexpected(error))

    def _break_off(self, error: ApiError) -> list[Event]:
        self._observed.broke_off(error)
        return self._exchange.emitter.fail(error, request_id=self._observed.summary.request_id)


def _await_news(started: "Future[Begun]", exchange: Exchange, seconds: float) -> None:
    """Wait until an upstream is heard, the attempts are over, or the seconds have passed."""
    started.add_done_callback(lambda _: exchange.heard.put(None))
    with suppress(Empty):
        exchange.heard.get(timeout=seconds)


def _folded(exchange: Exchange, observed: Observation) -> Fold:
    begun = observed.begin(exchange)
    fold = Fold()
    try:
        fold.feed(begun.events)
        for events in exchange.rest(begun):
            fold.feed(events)
    finally:
        observed.waited()
        observed.used(exchange.finish(begun))
    return fold


def _too_long_for_a_whole_answer() -> ApiError:
    return ApiError(
        "timeout_error",
        'the answer takes longer than a whole one may take: ask for a stream ("stream": true)',
        fault=Fault.UPSTREAM,
        retry=False,  # it would be as long again
    )


def _let_go(exchange: Exchange, observed: Observation, started: "Future[Begun]") -> None:
    if not started.done():
        exchange.cancel()
    if started.exception() is None:
        observed.used(exchange.finish(started.result()))
