"""Calls upstreams: one transport for an environment's life, with kept connections, and one for each proxy.

The address comes from the configuration only, and no header of the caller's goes along. A transport follows no
redirect and keeps no cookie.
"""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from math import inf
from typing import Protocol, TypeVar

import httpx
from translator.anthropic.errors import upstream_failure

from gateway.upstream.call import Arriving, Call, Transport
from gateway.upstream.connection import Network
from gateway.upstream.deadlines import Alarm, CallClock, Deadlines
from gateway.upstream.failures import FAILURES, read_failure
from gateway.upstream.framing import Framing, RawFraming
from gateway.upstream.proxied import ProxiedTransport, proxy_of
from gateway.upstream.transport import DirectTransport

MAX_ERROR_BYTES = 1_000_000
SECONDS_FOR_AN_ERROR = 5.0
"""For the body of an error, whose status says the most."""
SECONDS_AFTER_THE_END = 2.0
"""For usage and the end marker, once the model has said that it stopped."""
SECONDS_TO_DRAIN = 0.2
"""For the last bytes of an answer that has been read, so that its connection can be used again."""
_HEADERS = {
    "content-type": "application/json",
    "accept": "text/event-stream, application/json, application/vnd.amazon.eventstream",
    "accept-encoding": "identity",
    "user-agent": "edgeway",
}

Frame = TypeVar("Frame")


class Frames(Protocol[Frame]):
    """Cuts an answer into frames."""

    @property
    def is_full(self) -> bool:
        """Whether no more bytes are taken."""

    def feed(self, piece: bytes) -> list[Frame]:
        """Return the frames that are complete now."""

    def close(self) -> list[Frame]:
        """Return the rest, when the answer has ended."""


class HttpAnswer:
    """An answer whose head has arrived."""

    def __init__(self, received: Arriving, clock: CallClock) -> None:
        self._clock = clock
        self._received = received
        self._is_ending = False
        self.status = received.status
        self.headers = received.headers

    @property
    def alarm(self) -> Alarm:
        """Wake the reader of `batches` with an empty batch."""
        return self._clock.alarm

    def batches(self) -> AsyncGenerator[list[str]]:
        """Yield the frames of the answer in batches, as they arrive; an empty batch where the alarm was due.

        Raises `ApiError`.
        """
        return self._framed(Framing())

    def raw_batches(self) -> AsyncGenerator[list[bytes]]:
        """Yield the same batches, with each frame unchanged."""
        return self._framed(RawFraming())

    async def _framed(self, framing: "Frames[Frame]") -> AsyncGenerator[list[Frame]]:
        content_type = self.headers.get("content-type", "").lower()
        if "html" in content_type:
            raise upstream_failure("the upstream answered with a web page")
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise upstream_failure("the upstream compressed its answer, which it was asked not to")
        try:
            async for piece in self._received:
                yield framing.feed(piece)
                if framing.is_full:
                    break
        except FAILURES as error:
            if not self._is_ending:
                raise read_failure(error) from error
        yield framing.close()

    async def error_body(self) -> bytes:
        """Return as much of an error's body as arrives soon."""
        body = bytearray()
        self._clock.shorten(SECONDS_FOR_AN_ERROR)
        with suppress(*FAILURES):
            async for piece in self._received:
                body += piece[: MAX_ERROR_BYTES - len(body)]
                if len(body) == MAX_ERROR_BYTES:
                    break
        return bytes(body)

    def end_soon(self) -> None:
        """Shorten the wait: the model has stopped, and the rest may be lost without harm.

        Some servers say this with every piece of an answer that goes on: each call starts the wait again.
        """
        self._is_ending = True
        self._clock.shorten(SECONDS_AFTER_THE_END)

    async def close(self, *, drain: bool = False) -> None:
        """Release the connection. With `drain` the last bytes are read, so that it can be used again."""
        try:
            if drain:
                self._clock.shorten(SECONDS_TO_DRAIN)
                self._clock.alarm.due = inf
                with suppress(*FAILURES):
                    async for _ in self._received:
                        pass
        finally:
            await self._received.aclose()


class HttpUpstream:
    """Opens calls. A test passes its own `network`, so that no call leaves the process.

    `environment` names the trusted certificates (SSL_CERT_FILE, SSL_CERT_DIR) and the proxies.
    """

    def __init__(self, environment: Mapping[str, str], *, network: Network | None = None) -> None:
        self._environment = environment
        self._context = _trusted(environment)
        self._direct: Transport = DirectTransport(network or Network(), context=self._context)
        self._has_proxies = any(name.lower().endswith("_proxy") for name in environment)
        self._proxied: dict[str, Transport] = {}

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> HttpAnswer:
        """Send the request and wait for the head of the answer. Raises `ApiError`."""
        clock = CallClock(deadlines)
        try:
            received = await self._transport_of(url).send(Call(url, {**_HEADERS, **headers}, body, clock))
        except FAILURES as error:
            raise read_failure(error) from error
        return HttpAnswer(received, clock)

    async def close(self) -> None:
        """Close all connections."""
        for transport in (self._direct, *self._proxied.values()):
            await transport.aclose()

    def _transport_of(self, url: str) -> Transport:
        proxy = proxy_of(httpx.URL(url), self._environment) if self._has_proxies else None
        if proxy is None:
            return self._direct
        if proxy not in self._proxied:
            self._proxied[proxy] = ProxiedTransport(proxy, context=self._context)
        return self._proxied[proxy]


def _trusted(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Return Certifi's certificates, or those that the environment names."""
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    if file or folder:
        context = ssl.create_default_context(cafile=file or None, capath=folder or None)
    else:
        context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context
