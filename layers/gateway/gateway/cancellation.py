"""One signal for whatever ends a request early: the caller has gone, or the invocation is being ended."""

import socket
from contextlib import suppress


class CancelledCallError(Exception):
    """The call was ended from another thread. Nobody waits for its answer."""


class Cancellation:
    """Ends the upstream calls of one request: the one under way, and those that would still be made."""

    def __init__(self) -> None:
        self.is_set = False
        self._connection: socket.socket | None = None

    def cancel(self) -> None:
        """Shut the connection under the call, so that a wait in another thread comes back. Harmless when none runs."""
        self.is_set = True
        if self._connection is not None:
            with suppress(OSError):
                # Below TLS: `SSLSocket.shutdown` would take the state away from under the read.
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)

    def watch(self, connection: socket.socket) -> None:
        """The call is about to use this connection. Raises `CancelledCallError` where it should not begin to."""
        self._connection = connection
        self.check()

    def check(self) -> None:
        """Raises `CancelledCallError` after `cancel`."""
        if self.is_set:
            raise CancelledCallError
