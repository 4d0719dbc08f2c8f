"""Calls through a proxy with httpx's own transport, which knows CONNECT and proxies' passwords.

Which hosts those are, the usual variables say: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import cast

import httpx

from gateway.upstream.call import Call
from gateway.upstream.deadlines import CallClock
from gateway.upstream.inbox import Inbox


def proxy_of(url: httpx.URL, environment: Mapping[str, str]) -> str | None:
    """Return the proxy for an address, if the environment names one.

    Raises ValueError for a proxy that is no address.
    """
    variables = {
        name.lower(): value for name, value in environment.items() if value and name.lower().endswith("_proxy")
    }
    proxy = variables.get(f"{url.scheme}_proxy") or variables.get("all_proxy")
    if proxy is None:
        return None
    # Here, since it takes a cold start's time and few have a proxy. typeshed does not know it.
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    if proxy_bypass_environment(url.netloc.decode("ascii"), {"no": variables.get("no_proxy", "")}):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class ProxiedTransport:
    """Sends calls through one proxy."""

    def __init__(self, proxy: str, *, context: ssl.SSLContext) -> None:
        self._transport = httpx.AsyncHTTPTransport(verify=context, proxy=httpx.Proxy(proxy), http2=False)

    async def send(self, call: Call) -> "_Pumped":
        """Send a call and wait for the head of its answer. Raises httpx's errors, or `DeadlineError`."""
        clock = call.clock
        try:
            request = httpx.Request("POST", call.url, headers=call.headers, content=call.body)
        except UnicodeEncodeError:
            raise httpx.LocalProtocolError("") from None  # the exception's own text holds the key
        request.extensions["timeout"] = {"connect": clock.connect_timeout()}
        try:
            async with asyncio.timeout(clock.head_timeout()):
                response = await self._transport.handle_async_request(request)
        except (TimeoutError, httpx.ConnectTimeout) as error:
            raise clock.timed_out() from error
        return _Pumped(response, clock)

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._transport.aclose()


class _Pumped:
    """A body whose reader is woken by deadlines and alarms. An empty piece means that the alarm was due."""

    def __init__(self, response: httpx.Response, clock: CallClock) -> None:
        self.status = response.status_code
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
        # `aiter_raw` would count and cut what arrives once more.
        self._stream = cast("httpx.AsyncByteStream", response.stream)
        self._clock = clock
        self._room = asyncio.Event()
        self._room.set()
        self._inbox = Inbox(pause=self._room.clear, resume=self._room.set)
        self._pumping = asyncio.create_task(self._pump())

    def __aiter__(self) -> "_Pumped":
        return self

    async def __anext__(self) -> bytes:
        piece = await self._inbox.receive(self._clock)
        if piece == b"":
            raise StopAsyncIteration
        self._clock.body_flows()
        return piece or b""

    async def aclose(self) -> None:
        """Release the connection. httpx keeps it where the answer has been read to its end."""
        self._clock.stop()
        self._pumping.cancel()
        await asyncio.wait({self._pumping})
        await self._stream.aclose()

    async def _pump(self) -> None:
        try:
            async for piece in self._stream:
                await self._room.wait()
                self._inbox.put(piece)
        except httpx.TransportError as error:
            self._inbox.end(error)
        else:
            self._inbox.end()
