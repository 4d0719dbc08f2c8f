"""HTTP/1.1 as far as the Runtime API needs it, over a plain socket: `http.client` alone would import for 20 ms."""

import socket
from collections.abc import Mapping
from io import BufferedReader

LINE_LIMIT = 65_536  # bytes of one header line; the client context travels in one


class Response:
    """An answer of the Runtime API. The names of its headers are in lower case."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class Endpoint:
    """Where a Runtime API answers: `host:port`, or `host:port/prefix` where one server plays it for many workers."""

    def __init__(self, address: str) -> None:
        self.authority, slash, prefix = address.rstrip("/").partition("/")
        self.host, _, port = self.authority.rpartition(":")
        self.port = int(port)
        self.prefix = slash + prefix

    def connect(self) -> socket.socket:
        """A new connection on which every send leaves at once."""
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect((self.host, self.port))
        except BaseException:
            connection.close()
            raise
        return connection

    def head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        """The request up to and including the empty line."""
        lines = [f"{method} {self.prefix}{path} HTTP/1.1", f"Host: {self.authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


class KeepAliveConnection:
    """One connection for request after request; opened when it is needed, and again when the other side closed it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._open: tuple[socket.socket, BufferedReader] | None = None

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """Send one request and wait for its answer. OSError: there is nobody to answer."""
        message = self._endpoint.head(method, path, headers) + body
        if self._open is not None:
            try:
                return self._exchange(*self._open, message)
            except OSError:  # an idle connection may be closed by the other side; a new one tells whether it lives
                self.close()
        connection = self._endpoint.connect()
        self._open = connection, connection.makefile("rb")
        return self._exchange(*self._open, message)

    def close(self) -> None:
        """Close the connection. The next request opens another."""
        if self._open is not None:
            connection, reader = self._open
            self._open = None
            reader.close()
            connection.close()

    def _exchange(self, connection: socket.socket, reader: BufferedReader, message: bytes) -> Response:
        connection.sendall(message)
        response = read_response(reader)
        if response.headers.get("connection", "").lower() == "close":
            self.close()
        return response


def read_response(reader: BufferedReader) -> Response:
    """Read one answer, however its bytes arrive. ConnectionError: it ended too early. ValueError: it is not HTTP."""
    version, status, *_ = _read_line(reader).split(" ", 2)
    if not version.startswith("HTTP/1."):
        raise ValueError("the answer is not HTTP/1")
    headers = {}
    while line := _read_line(reader):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Response(int(status), headers, _read_body(reader, headers))


def _read_body(reader: BufferedReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(_read_chunks(reader))
    if "content-length" in headers:
        return _read_exactly(reader, int(headers["content-length"]))
    return reader.read()


def _read_chunks(reader: BufferedReader) -> list[bytes]:
    chunks = []
    while size := int(_read_line(reader).partition(";")[0], 16):
        chunks.append(_read_exactly(reader, size))
        _read_line(reader)
    while _read_line(reader):
        pass  # trailers: the Runtime API sends none that matter
    return chunks


def _read_exactly(reader: BufferedReader, size: int) -> bytes:
    body = reader.read(size)
    if len(body) < size:
        raise ConnectionError("the connection ended within a body")
    return body


def _read_line(reader: BufferedReader) -> str:
    line = reader.readline(LINE_LIMIT)
    if not line.endswith(b"\n"):
        raise ConnectionError("the connection ended within a head")
    return line.rstrip(b"\r\n").decode("latin-1")
