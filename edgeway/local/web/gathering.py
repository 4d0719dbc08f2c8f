"""Writes to a socket once a turn of the event loop: a head with its body, events that came together.

Writing to sockets is most of what the server does for a request, and uvicorn writes each message by itself: a stream of
50 chunks took 30 writes, and takes 13.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

MOST_GATHERED: Final = 64 * 1024
"""Bytes. A body that is always ready never ends its turn, and only a full buffer tells it to wait for its reader."""

CLOSE_SECONDS: Final = 60.0
LINGER_SECONDS: Final = 2.0
"""A connection that is closed while the other end writes is reset, and what it was told is lost: so long what comes is
still read, and thrown away."""


class GatheringTransport(asyncio.Transport):
    """Another transport, with what is written held until the turn is over, or until there is much of it."""

    def __init__(self, transport: asyncio.Transport, lingers: Callable[[], bool] = lambda: False) -> None:
        """Take who knows whether the other end may still be writing when it is closed."""
        super().__init__()
        self._transport = transport
        self._lingers = lingers
        self._is_lingering = False
        self._loop = asyncio.get_running_loop()
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Write at the end of this turn."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(bytes(data))
        self._size += len(data)
        if self._size > MOST_GATHERED:
            self._flush()

    def close(self) -> None:
        """Close when everything is written, and before long in any case: nobody may read it."""
        if self._is_lingering:
            return
        self._flush()
        if self._lingers() and not self._transport.is_closing():
            self._is_lingering = True
            self._transport.write_eof()
            self._transport.resume_reading()
            self._loop.call_later(LINGER_SECONDS, self._transport.close)
        else:
            self._transport.close()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    def abort(self) -> None:
        """Close now."""
        self._pieces.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it closes or is closed."""
        return self._is_lingering or self._transport.is_closing()

    def pause_reading(self) -> None:
        """Read nothing more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._transport.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Say from how many bytes on the protocol is to wait."""
        self._transport.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Bytes that the other end has not taken yet."""
        return self._transport.get_write_buffer_size() + self._size

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def _flush(self) -> None:
        if self._pieces:
            self._transport.write(b"".join(self._pieces))
            self._pieces.clear()
            self._size = 0
