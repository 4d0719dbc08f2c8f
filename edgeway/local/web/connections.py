"""Reads one caller's connection within limits of size and time, before anybody knows who calls.

uvicorn reads heads of any size for any time, and waits for readers without end.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from edgeway.local.web import failures
from edgeway.local.web.exchanges import PRESENCE, Presence
from edgeway.local.web.failures import Failure
from edgeway.local.web.gathering import GatheringTransport
from edgeway.local.web.identifiers import new_id, public_id
from edgeway.local.web.limits import ConnectionLimits

WRITE_BUFFER: Final = 64 * 1024
"""Bytes of an answer that wait in this process for a reader."""
FRESH_SECONDS: Final = 1.0
"""Who has connected so long ago without a word has nothing to say."""

_OFFER_OF_HTTP2: Final = re.compile(rb"\r\nupgrade(: *h2c\r\n)", re.IGNORECASE)


class Connections:
    """Those of a server."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._open = 0
        self._of_address: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count a connection; say whether there is room for it."""
        self._open += 1
        self._of_address[address] += 1
        return self._open <= self.limits.connections and self._of_address[address] <= self.limits.of_one_address

    def leave(self, address: str) -> None:
        """Count it no longer."""
        self._open -= 1
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]


class Protocol(HttpToolsProtocol):
    """HTTP/1.1."""

    def __init__(self, connections: Connections, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._connections = connections
        self._limits = connections.limits
        self._presence = Presence()
        self._address = ""
        self._is_in_head = False
        self._is_last = False
        self._is_refused = False
        self._unread = 0
        """Bytes of a head, or of trailers, that have come since there was a whole head or a piece of a body."""
        self._unsent = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Write what belongs together at once, and not far ahead of the reader."""
        super().connection_made(GatheringTransport(transport, self._still_writes))
        self.transport.set_write_buffer_limits(WRITE_BUFFER)
        self._address = self.client[0] if self.client else ""
        if self._connections.enter(self._address):
            self._time_head()
        else:
            self._refuse(failures.too_many_connections())

    def connection_lost(self, exc: Exception | None) -> None:
        """End the request that runs."""
        self._connections.leave(self._address)
        for timer in (self._head_timer, self._reader_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        self._presence.leave()

    def data_received(self, data: bytes) -> None:
        """Take at most as much at once as a head may have.

        An offer of HTTP/2 is passed over, as a server may: httptools takes it for accepted, and skips the body. Java's
        own HTTP client makes that offer with every first request.
        """
        if b"h2c" in data and (self.cycle is None or not self.cycle.more_body):
            head, end, body = data.partition(b"\r\n\r\n")
            data = _OFFER_OF_HTTP2.sub(rb"\r\nx-grade\1", head + end) + body
        step = self._limits.head
        for start in range(0, len(data), step):
            if self._is_refused or self.transport.is_closing():
                return  # what still comes is thrown away
            piece = data if len(data) <= step else data[start : start + step]
            self._unread += len(piece)
            super().data_received(piece)
            if self._unread > step and not self._is_refused:
                self._refuse(failures.head_too_large(step))
        if not self._is_refused:
            self._time_head()

    def shutdown(self) -> None:
        """Serve a request that is on its way, and none after it.

        Who has connected just now has written already, as a rule: closing would refuse what nobody else will serve.
        """
        self._is_last = True
        if self.cycle is None:
            self.loop.call_later(FRESH_SECONDS, self._close_unused)
        else:
            super().shutdown()

    def on_message_begin(self) -> None:
        """Let the application see the caller leave."""
        super().on_message_begin()
        self._is_in_head = True
        self.scope["extensions"] = cast("dict[str, dict[object, object]]", {PRESENCE: self._presence})

    def on_header(self, name: bytes, value: bytes) -> None:
        """Leave out trailers, which uvicorn takes for headers."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request."""
        self._is_in_head = False
        self._unread = 0
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Pass on a piece."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect another head."""
        self._unread = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the reader, as long as he reads."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self._reader_timer is not None:
            self._reader_timer.cancel()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; there is no request yet that an application could answer."""
        self._refuse(failures.bad_request(msg))

    def _still_writes(self) -> bool:
        """Whether the caller may be sending what nobody waits for."""
        return self._is_refused or (self.cycle is not None and self.cycle.more_body)

    def _close_unused(self) -> None:
        if self.cycle is None:
            self.transport.close()

    def _time_head(self) -> None:
        """Give a head that is due its time; one that has come needs no timer."""
        is_due = self._is_in_head or self.cycle is None or self.cycle.response_complete
        if is_due and self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.head_seconds, self._head_is_late)
        elif not is_due and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        if self._is_in_head:
            self._refuse(failures.slow_head(self._limits.head_seconds))
        else:
            self.transport.close()

    def _watch_reader(self) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self._reader_timer = self.loop.call_later(self._limits.stalled_seconds, self._look_at_reader)

    def _look_at_reader(self) -> None:
        if self.transport.get_write_buffer_size() < self._unsent:
            self._watch_reader()
        else:
            self.transport.abort()

    def _refuse(self, failure: Failure) -> None:
        """Answer in the application's place, and close."""
        self._is_refused = True
        if self._head_timer is not None:
            self._head_timer.cancel()
        has_begun = False
        if self.cycle is not None and not self.cycle.response_complete:
            has_begun = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._presence.leave()
        if not has_begun:
            self.transport.write(_answer(failure))
        self.transport.close()


def _answer(failure: Failure) -> bytes:
    request_id = public_id(new_id())
    body = failure.body(request_id)
    headers = {**dict(failure.headers(request_id)), b"connection": b"close", b"content-length": b"%d" % len(body)}
    lines = b"".join(b"%b: %b\r\n" % header for header in headers.items())
    return STATUS_LINE[failure.status] + lines + b"\r\n" + body
