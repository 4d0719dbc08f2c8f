"""HTTP/1.1 as far as the Runtime API needs it, over asyncio's own streams."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress

LINE_LIMIT = 65_536  # bytes of one header line; the client context travels in one


class Response:
    """An answer of the Runtime API. The names of its headers are in lower case."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class Endpoint:
    """Where a Runtime API answers: `host:port`, or `host:port/prefix` where one server plays several."""

    def __init__(self, address: str) -> None:
        self.authority, slash, prefix = address.rstrip("/").partition("/")
        self.host, _, port = self.authority.rpartition(":")
        self.port = int(port)
        self.prefix = slash + prefix

    async def connect(self) -> tuple[StreamReader, StreamWriter]:
        """A new connection. What is written leaves at once: asyncio switches Nagle's algorithm off."""
        return await asyncio.open_connection(self.host, self.port, limit=LINE_LIMIT)

    def head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        """The request up to and including the empty line."""
        lines = [f"{method} {self.prefix}{path} HTTP/1.1", f"Host: {self.authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


class KeptConnections:
    """Connections for request after request, as many as there are requests at a time; opened where none is idle."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._idle: list[tuple[StreamReader, StreamWriter]] = []

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """Send one request and wait for its answer. OSError: there is nobody to answer."""
        message = self._endpoint.head(method, path, headers) + body
        if self._idle:
            with suppress(OSError):  # the other side may have closed it meanwhile; a new one tells whether it lives
                return await self._exchange(*self._idle.pop(), message)
        return await self._exchange(*await self._endpoint.connect(), message)

    def close(self) -> None:
        """Close what is idle. The next request opens another."""
        while self._idle:
            _, writer = self._idle.pop()
            writer.transport.abort()

    async def _exchange(self, reader: StreamReader, writer: StreamWriter, message: bytes) -> Response:
        try:
            writer.write(message)
            await writer.drain()
            response = await read_response(reader)
        except BaseException:  # also where the request was cancelled: what follows on this connection is not known
            writer.transport.abort()
            raise
        if response.headers.get("connection", "").lower() == "close":
            writer.transport.abort()
        else:
            self._idle.append((reader, writer))
        return response


async def read_response(reader: StreamReader) -> Response:
    """Read one answer, however its bytes arrive. ConnectionError: it ended too early, or is not HTTP/1."""
    try:
        return await _read_response(reader)
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ConnectionError("no whole answer in HTTP/1") from error


async def _read_response(reader: StreamReader) -> Response:
    version, status, *_ = (await _read_line(reader)).split(" ", 2)
    if not version.startswith("HTTP/1."):
        raise ValueError("the answer is not HTTP/1")
    headers = {}
    while line := await _read_line(reader):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Response(int(status), headers, await _read_body(reader, headers))


async def _read_body(reader: StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(await _read_chunks(reader))
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read()


async def _read_chunks(reader: StreamReader) -> list[bytes]:
    chunks = []
    while size := int((await _read_line(reader)).partition(";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await _read_line(reader)
    while await _read_line(reader):
        pass  # trailers: the Runtime API sends none that matter
    return chunks


async def _read_line(reader: StreamReader) -> str:
    return (await reader.readuntil(b"\n")).rstrip(b"\r\n").decode("latin-1")
