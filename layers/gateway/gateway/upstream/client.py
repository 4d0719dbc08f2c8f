"""Calls to upstreams over httpx: one transport for an environment's life, connections kept between invocations.

The address comes from the configuration only, and no header of the caller's goes along. A transport follows no
redirect, knows no proxy and keeps no cookie.
"""

from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from typing import cast

import httpx
from translator.anthropic.errors import ApiError, upstream_failure
from translator.server_sent_events import EventStreamDecoder

from gateway.cancellation import Cancellation
from gateway.upstream.connection import Network
from gateway.upstream.deadlines import CallClock, DeadlineError, Deadlines
from gateway.upstream.transport import Transport

MAX_ERROR_BYTES = 1_000_000
MAX_EVENT_BYTES = 10_000_000
MAX_WHOLE_BYTES = 50_000_000
SECONDS_FOR_AN_ERROR = 5.0
"""For the body of an error, whose status says the most."""
SECONDS_AFTER_THE_END = 2.0
"""For usage and the end marker, once the model has said that it stopped."""
SECONDS_TO_DRAIN = 0.2
"""For the last bytes of an answer that has been read, so that its connection can be used again."""
_HEADERS = {
    "content-type": "application/json",
    "accept": "text/event-stream, application/json",
    "accept-encoding": "identity",
    "user-agent": "edgeway",
}
_FAILURES = (httpx.TransportError, DeadlineError)


class HttpAnswer:
    """An answer whose head has arrived."""

    def __init__(self, response: httpx.Response, clock: CallClock) -> None:
        self._response = response
        self._clock = clock
        # `iter_raw` would count and cut what arrives once more.
        self._received = iter(cast("httpx.SyncByteStream", response.stream))
        self._decoder = EventStreamDecoder()
        self._is_ending = False
        self.status = response.status_code
        # httpx's own mapping decodes the names again with every look.
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw
        }

    def batches(self) -> Iterator[list[str]]:
        """The frames of the answer, as many at a time as have arrived together. Raises `ApiError`."""
        content_type = self.headers.get("content-type", "").lower()
        if "html" in content_type:
            raise upstream_failure("the upstream answered with a web page")
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise upstream_failure("the upstream compressed its answer, which it was asked not to")
        try:
            first = self._beginning()
            # Neither says reliably what it is, and no line of an event stream begins like that.
            if first.removeprefix(BOM_UTF8).lstrip().startswith((b"{", b"[")):
                yield [self._read(bytearray(first), MAX_WHOLE_BYTES).decode("utf-8-sig", "replace")]
            else:
                waiting = 0
                for received in chain([first], self._received):
                    frames = self._decoder.feed(received)
                    waiting = 0 if frames else waiting + len(received)
                    if frames:
                        yield frames
                    elif waiting > MAX_EVENT_BYTES:
                        raise upstream_failure("the upstream sent an event without an end")
        except _FAILURES as error:
            if not self._is_ending:
                raise _as_api_error(error) from error
        yield self._decoder.close()

    def error_body(self) -> bytes:
        """As much of the body as arrives soon, where the answer is an error."""
        body = bytearray()
        self._clock.shorten(SECONDS_FOR_AN_ERROR)
        with suppress(*_FAILURES):
            self._read(body, MAX_ERROR_BYTES)
        return bytes(body)

    def end_soon(self) -> None:
        """The model has stopped: what may still come is not worth a long wait, and its loss is no failure.

        Some servers say so with every piece of an answer that goes on: the wait begins again with each.
        """
        self._is_ending = True
        self._clock.shorten(SECONDS_AFTER_THE_END)

    def close(self, *, drain: bool = False) -> None:
        """Let go of the connection. With `drain` the last bytes are read, so that it can be used again."""
        try:
            if drain:
                self._clock.shorten(SECONDS_TO_DRAIN)
                with suppress(*_FAILURES):
                    deque(self._received, maxlen=0)
        finally:
            self._response.close()

    def _beginning(self) -> bytes:
        """What arrives first beside space, with which OpenRouter keeps a connection alive until it has an answer."""
        first = b""
        for received in self._received:
            first = first.lstrip() + received
            if first.strip():
                break
        return first

    def _read(self, body: bytearray, limit: int) -> bytearray:
        """The whole body into `body`, no more than `limit` bytes of it."""
        for received in self._received:
            body += received[: limit - len(body)]
            if len(body) == limit:
                break
        return body


class HttpUpstream:
    """Opens calls, one at a time: an environment serves one request. `monotonic` gives seconds.

    `network` stands for the real one where the calls shall not leave the process.
    """

    def __init__(self, *, monotonic: Callable[[], float], network: Network | None = None) -> None:
        self._clock = CallClock(monotonic)
        self._transport = Transport(self._clock, network or Network(), monotonic=monotonic)

    def open(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        deadlines: Deadlines,
        cancellation: Cancellation,
    ) -> HttpAnswer:
        """Send the request and wait for the head of the answer. Raises `ApiError`, or `CancelledCallError`.

        A connection that was kept may have died meanwhile: then the request is sent once more.
        """
        self._clock.start(deadlines, cancellation)
        try:
            try:
                return self._send(url, headers, body)
            except (httpx.RemoteProtocolError, httpx.ReadError):
                if not self._clock.may_repeat:
                    raise
                return self._send(url, headers, body)
        except _FAILURES as error:
            raise _as_api_error(error) from error

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        try:
            request = httpx.Request("POST", _parsed(url), headers={**_HEADERS, **headers}, content=body)
        except UnicodeEncodeError:
            raise httpx.LocalProtocolError("") from None  # the exception's own text holds the key
        return HttpAnswer(self._transport.handle_request(request), self._clock)


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """Parsing an address takes longer than sending a request to it."""
    return httpx.URL(url)


def _as_api_error(error: Exception) -> ApiError:
    """What a failure of the connection means. The exception's own text may hold an address: it is not passed on."""
    match error:
        case DeadlineError():
            return upstream_failure(str(error), "timeout_error")
        case httpx.ConnectError():
            return upstream_failure("the upstream cannot be reached", "overloaded_error")
        case httpx.LocalProtocolError():
            return upstream_failure("the provider's key holds a character that no header can, so that nothing was sent")
        case _:
            return upstream_failure("the upstream closed the connection before the answer was complete")
