"""A response on its way out: a connection of its own, one chunk for each piece.

The protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

from asyncio import StreamReader, StreamWriter

from streaming.connection import Response, read_response
from streaming.failure import Failure

HEADERS = {
    "Content-Type": "application/vnd.awslambda.http-integration-response",
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Trailer": "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    "Transfer-Encoding": "chunked",
}


class CallerGoneError(Exception):
    """What is sent reaches nobody any more."""


class ResponseStream:
    """The chunks of one response. Every method raises CallerGoneError where nobody reads any more."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Reader, writer: a connection that nothing else is sent on. The stream closes it."""
        self._reader = reader
        self._writer = writer

    def close(self) -> None:
        """Close the connection, whatever became of the response. What nobody has taken by now is dropped."""
        self._writer.transport.abort()

    async def begin(self, head: bytes, prelude: bytes) -> None:
        """Send the head of the request with the prelude as the first chunk."""
        await self._write(head + _chunk(prelude))

    async def send(self, piece: bytes) -> None:
        """Send one piece at once, and wait while the other side takes nothing."""
        if piece:  # an empty chunk would end the body
            await self._write(_chunk(piece))

    async def finish(self) -> Response:
        """End the body and wait until the Runtime API has it all."""
        return await self._end(b"0\r\n\r\n")

    async def fail(self, failure: Failure) -> Response:
        """End the body with error trailers: it is not what it should have been."""
        return await self._end(b"0\r\n%b\r\n" % failure.as_trailers())

    async def _end(self, last: bytes) -> Response:
        await self._write(last)
        try:
            return await read_response(self._reader)
        except OSError as error:
            raise CallerGoneError from error

    async def _write(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise CallerGoneError from error


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)
