"""A response on its way out: a connection of its own, one chunk for each piece, never two writers.

The protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

import socket
import threading
from time import monotonic

from streaming.connection import Response, read_response
from streaming.failure import Failure

HEADERS = {
    "Content-Type": "application/vnd.awslambda.http-integration-response",
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Trailer": "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    "Transfer-Encoding": "chunked",
}


class CallerGoneError(ConnectionError):
    """What is sent reaches nobody any more."""


class ResponseStream:
    """The chunks of one response. The keep-alive timer may write too, so every write takes the lock."""

    def __init__(self, connection: socket.socket) -> None:
        """Connection: one that nothing else is sent on. The stream closes it."""
        self._connection = connection
        self._lock = threading.Lock()
        self._intact = True
        self._written = monotonic()

    def close(self) -> None:
        """Close the connection, whatever became of the response."""
        with self._lock:
            self._intact = False
            self._connection.close()

    @property
    def intact(self) -> bool:
        """Whether the next byte sent would continue the response: it has not ended, and nobody hung up."""
        return self._intact

    def begin(self, head: bytes, prelude: bytes) -> None:
        """Send the head of the request with the prelude as the first chunk."""
        with self._lock:
            self._write(head + _chunk(prelude))

    def send(self, piece: bytes) -> None:
        """Send one piece at once. CallerGoneError: nobody reads any more."""
        if not piece:
            return  # an empty chunk would end the body
        chunk = _chunk(piece)
        with self._lock:
            self._write(chunk)

    def send_after_silence(self, piece: bytes, seconds: float) -> float:
        """Send the piece if nothing was sent for so long; the (monotonic) time at which to ask again."""
        with self._lock:
            if monotonic() >= self._written + seconds:
                self._write(_chunk(piece))
            return self._written + seconds

    def finish(self) -> Response:
        """End the body and wait until the Runtime API has it all."""
        return self._end(b"0\r\n\r\n")

    def fail(self, failure: Failure) -> Response:
        """End the body with error trailers: it is not what it should have been."""
        return self._end(b"0\r\n%b\r\n" % failure.as_trailers())

    def _end(self, last: bytes) -> Response:
        with self._lock:
            self._write(last)
            self._intact = False
        try:
            with self._connection.makefile("rb") as reader:
                return read_response(reader)
        except OSError as error:
            raise CallerGoneError from error

    def _write(self, data: bytes) -> None:
        if not self._intact:
            raise CallerGoneError
        # A failure or a signal may leave half of the data sent, and nothing can follow that.
        self._intact = False
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise CallerGoneError from error
        self._intact = True
        self._written = monotonic()


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)
