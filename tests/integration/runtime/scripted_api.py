"""A Lambda Runtime API that a test plays by hand: it states the exact bytes that come in and those that go out."""

import base64
import json
import select
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

PATIENCE = 20.0  # seconds until a test gives up on a process that does not do what it should
SILENCE = 0.2
NEXT = "/2018-06-01/runtime/invocation/next"


class Connection:
    """One connection that the process under test has opened."""

    def __init__(self, connection: socket.socket, authority: str) -> None:
        self._connection = connection
        self._authority = authority
        self._reader = connection.makefile("rb")
        connection.settimeout(PATIENCE)

    def expect(self, data: bytes) -> None:
        """Read as many bytes, which must be these."""
        assert self._reader.read(len(data)) == data

    def expect_head(self, request_line: str, headers: Mapping[str, str]) -> None:
        """Read the head of a request, which must have these headers in this order and no others."""
        lines = [f"{request_line} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.expect("".join(f"{line}\r\n" for line in [*lines, ""]).encode())

    def expect_request(self, request_line: str, headers: Mapping[str, str], body: bytes) -> None:
        """Read a request with a body whose length is in its head."""
        self.expect_head(request_line, {**headers, "Content-Length": str(len(body))})
        self.expect(body)

    def expect_stream(self, path: str, prelude: bytes) -> None:
        """Read the beginning of a streamed answer."""
        self.expect_head(
            f"POST {path}",
            {
                "Content-Type": "application/vnd.awslambda.http-integration-response",
                "Lambda-Runtime-Function-Response-Mode": "streaming",
                "Trailer": "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
                "Transfer-Encoding": "chunked",
            },
        )
        self.expect(chunk(prelude + b"\0\0\0\0\0\0\0\0"))

    def read_error(self, path: str) -> tuple[str, dict[str, Any]]:
        """Read the request that reports an error: its type and its body, of which only the frames can vary."""
        head = self.read_until(b"\r\n\r\n").decode()
        start, _, length = head.removesuffix("\r\n\r\n").partition("\r\nContent-Length: ")
        size, _, kind = length.partition("\r\nLambda-Runtime-Function-Error-Type: ")
        assert start == "\r\n".join(
            [
                f"POST {path} HTTP/1.1",
                f"Host: {self._authority}",
                "Content-Type: application/vnd.aws.lambda.error+json",
            ]
        )
        return kind, json.loads(self._reader.read(int(size)))

    def read_error_trailers(self) -> tuple[str, dict[str, Any]]:
        """Read the end of a body that failed: the type and the description of the error."""
        self.expect(b"0\r\nLambda-Runtime-Function-Error-Type: ")
        kind = self.read_until(b"\r\n").decode().strip()
        self.expect(b"Lambda-Runtime-Function-Error-Body: ")
        description = json.loads(base64.b64decode(self.read_until(b"\r\n"), validate=False))
        self.expect(b"\r\n")
        return kind, description

    def expect_end(self) -> None:
        """The other side must have closed the connection, after nothing more."""
        assert self._reader.read() == b""

    def expect_silence(self) -> None:
        """Nothing may come, for as long as whoever does wrong would need for it."""
        assert select.select([self._connection], [], [], SILENCE)[0] == []

    def read(self, size: int) -> bytes:
        """Read so many bytes."""
        return self._reader.read(size)

    def read_until(self, end: bytes) -> bytes:
        """Read up to and including these bytes."""
        data = b""
        while not data.endswith(end):
            byte = self._reader.read(1)
            assert byte, f"the connection ended after {data!r}"
            data += byte
        return data

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._connection.sendall(data)

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer."""
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode() + body)

    def invoke(self, event: object, request_id: str = "r-1", prefix: str = "", **headers: str) -> None:
        """Wait for the request for the next invocation, and answer it with this one."""
        self.expect_head(f"GET {prefix}{NEXT}", {})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Lambda-Runtime-Aws-Request-Id": request_id, "Lambda-Runtime-Deadline-Ms": "4102444800000", **named}
        self.answer(200, json.dumps(event).encode(), sent)

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._connection.close()


class ScriptedApi:
    """The listening side."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._connections: list[Connection] = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def accept(self) -> Connection:
        """The next connection that the process opens."""
        connection = Connection(self._listener.accept()[0], self.address)
        self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Be gone: nobody listens, and all connections are closed."""
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def response_path(request_id: str = "r-1") -> str:
    """Where the answer to an invocation goes."""
    return f"/2018-06-01/runtime/invocation/{request_id}/response"


def error_path(request_id: str = "r-1") -> str:
    """Where the error of an invocation goes."""
    return f"/2018-06-01/runtime/invocation/{request_id}/error"


def chunk(piece: bytes) -> bytes:
    """One chunk of a chunked body."""
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
