"""The two forms of an answer, made of the same events: whole, or as a stream."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from streaming import StreamingResponse
from translator.anthropic.errors import ApiError
from translator.anthropic.events import PING, Event, encode_events, encode_json
from translator.fold import Fold

from gateway.exchange import Begun, Exchange
from gateway.http import answer_json
from gateway.observation import Observation

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_PING = encode_events([PING])


def whole_answer(exchange: Exchange, observed: Observation) -> dict[str, Any]:
    """Ask, and answer when everything has arrived. Raises `ApiError`."""
    begun = observed.begin(exchange.begin)
    fold = Fold()
    try:
        fold.feed(begun.events)
        for events in exchange.rest(begun):
            fold.feed(events)
    finally:
        exchange.finish(begun)
    observed.succeeded(exchange.emitter)
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
    started = background.submit(observed.begin, exchange.begin)
    early: list[Event] = []
    try:
        started.result(timeout=ping_seconds)
    except FutureTimeoutError:
        early = exchange.commit()
    except BaseException:
        # Also when the invocation is being ended: the upstream must not go on for nobody.
        exchange.cancel()
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
        if not self._started.done():
            self._exchange.cancel()
        if self._started.exception() is None:
            self._exchange.finish(self._started.result())

    def _batches(self) -> Iterator[list[Event]]:
        yield self._early
        try:
            begun = self._started.result()
            yield begun.events
            yield from self._exchange.rest(begun)
            self._observed.succeeded(self._exchange.emitter)
        except ApiError as error:
            yield self._break_off(error)
        except Exception as error:  # noqa: BLE001 -- the last resort: a stream that has begun ends lawfully
            yield self._break_off(self._observed.unexpected(error))

    def _break_off(self, error: ApiError) -> list[Event]:
        emitter = self._exchange.emitter
        self._observed.broke_off(emitter, error)
        return emitter.fail(error, request_id=self._observed.summary.request_id)
