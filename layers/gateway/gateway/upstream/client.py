"""Calls to upstreams over httpx: one transport for an environment's life, connections kept between requests.

The address comes from the configuration only, and no header of the caller's goes along. A transport follows no
redirect and keeps no cookie.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import cast

import httpx
from translator.anthropic.errors import ApiError, upstream_failure

from gateway.upstream.connection import Network
from gateway.upstream.deadlines import Alarm, CallClock, DeadlineError, Deadlines
from gateway.upstream.framing import Framing
from gateway.upstream.transport import CLOCK, Transport

MAX_ERROR_BYTES = 1_000_000
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
        self._clock = clock
        # `aiter_raw` would count and cut what arrives once more.
        self._stream = cast("httpx.AsyncByteStream", response.stream)
        self._received = aiter(self._stream)
        self._framing = Framing()
        self._is_ending = False
        self.status = response.status_code
        # httpx's own mapping decodes the names again with every look.
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw
        }

    @property
    def alarm(self) -> Alarm:
        """Wakes the reader of `batches` with an empty batch."""
        return self._clock.alarm

    async def batches(self) -> AsyncGenerator[list[str]]:
        """The frames of the answer, as many at a time as have arrived together; none where the alarm was due.

        Raises `ApiError`.
        """
        content_type = self.headers.get("content-type", "").lower()
        if "html" in content_type:
            raise upstream_failure("the upstream answered with a web page")
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise upstream_failure("the upstream compressed its answer, which it was asked not to")
        try:
            async for piece in self._received:
                yield self._framing.feed(piece)
                if self._framing.is_full:
                    break
        except _FAILURES as error:
            if not self._is_ending:
                raise _as_api_error(error) from error
        yield self._framing.close()

    async def error_body(self) -> bytes:
        """As much of the body as arrives soon, where the answer is an error."""
        body = bytearray()
        self._clock.shorten(SECONDS_FOR_AN_ERROR)
        with suppress(*_FAILURES):
            async for piece in self._received:
                body += piece[: MAX_ERROR_BYTES - len(body)]
                if len(body) == MAX_ERROR_BYTES:
                    break
        return bytes(body)

    def end_soon(self) -> None:
        """The model has stopped: what may still come is not worth a long wait, and its loss is no failure.

        Some servers say so with every piece of an answer that goes on: the wait begins again with each.
        """
        self._is_ending = True
        self._clock.shorten(SECONDS_AFTER_THE_END)

    async def close(self, *, drain: bool = False) -> None:
        """Let go of the connection. With `drain` the last bytes are read, so that it can be used again."""
        try:
            if drain:
                self._clock.shorten(SECONDS_TO_DRAIN)
                with suppress(*_FAILURES):
                    async for _ in self._received:
                        pass
        finally:
            await self._stream.aclose()


class HttpUpstream:
    """Opens calls. `network` stands for the real one where the calls shall not leave the process."""

    def __init__(self, *, network: Network | None = None) -> None:
        context = httpx.create_ssl_context()
        context.set_alpn_protocols(["http/1.1"])
        self._transport = Transport(network or Network(), context=context)

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> HttpAnswer:
        """Send the request and wait for the head of the answer. Raises `ApiError`."""
        clock = CallClock(deadlines)
        try:
            response = await self._transport.handle_async_request(_request(url, headers, body, clock))
        except _FAILURES as error:
            raise _as_api_error(error) from error
        return HttpAnswer(response, clock)

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


def _request(url: str, headers: Mapping[str, str], body: bytes, clock: CallClock) -> httpx.Request:
    try:
        return httpx.Request(
            "POST", _parsed(url), headers={**_HEADERS, **headers}, content=body, extensions={CLOCK: clock}
        )
    except UnicodeEncodeError:
        raise httpx.LocalProtocolError("") from None  # the exception's own text holds the key


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
