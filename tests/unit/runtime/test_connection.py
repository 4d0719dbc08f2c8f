"""HTTP as the Runtime API speaks it, however its bytes arrive, and the connections that are kept for it."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from streaming.connection import LINE_LIMIT, Endpoint, KeptConnections, Response, read_response


async def read(data: bytes, size: int = 65_536, answers: int = 1) -> list[Response]:
    """The answers in what a connection brings, so many bytes at a time, and then ends."""
    reader = StreamReader(limit=LINE_LIMIT)

    async def read_all() -> list[Response]:
        return [await read_response(reader) for _ in range(answers)]

    reading = asyncio.create_task(read_all())
    for at in range(0, len(data), size):
        reader.feed_data(data[at : at + size])
        await asyncio.sleep(0)
    reader.feed_eof()
    return await reading


ANSWERS = {
    "length": b"HTTP/1.1 200 OK\r\nX-Id: a b \r\nContent-Length: 6\r\n\r\nbody\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nX-Id: a b\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4;x=y\r\nbody\r\n2\r\n\r\n\r\n0\r\nT: t\r\n\r\n",
    "end": b"HTTP/1.1 200\r\nX-Id:a b\r\n\r\nbody\r\n",
}


@pytest.mark.parametrize("size", [1, 2, 7, 65_536])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_the_same_however_it_is_split(answer: bytes, size: int) -> None:
    (response,) = asyncio.run(read(answer, size))
    assert (response.status, response.headers["x-id"], response.body) == (200, "a b", b"body\r\n")


@pytest.mark.parametrize("answer", [ANSWERS["length"], ANSWERS["chunks"]], ids=["length", "chunks"])
def test_what_follows_an_answer_is_left_for_the_next(answer: bytes) -> None:
    both = asyncio.run(read(answer + ANSWERS["length"], 3, answers=2))
    assert [response.body for response in both] == [b"body\r\n", b"body\r\n"]


@pytest.mark.parametrize("answer", [ANSWERS["length"], ANSWERS["chunks"]], ids=["length", "chunks"])
def test_an_answer_that_ends_early_is_a_connection_error(answer: bytes) -> None:
    for length in range(len(answer)):
        with pytest.raises(ConnectionError):
            asyncio.run(read(answer[:length]))


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0 OpenSSH_9.2 Debian\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 OK 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: six\r\n\r\nbody\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsix\r\nbody\r\n",
        b"HTTP/1.1 200 OK\r\nX-Id: " + b"a" * 2 * LINE_LIMIT + b"\r\n\r\n",
    ],
    ids=["another protocol", "no status", "no number", "no length", "no size", "a line without end"],
)
def test_something_else_than_http_is_a_connection_error(answer: bytes) -> None:
    with pytest.raises(ConnectionError):
        asyncio.run(read(answer))


@pytest.mark.parametrize(
    ("address", "host", "port", "prefix"),
    [
        ("127.0.0.1:9001", "127.0.0.1", 9001, ""),
        ("127.0.0.1:9001/", "127.0.0.1", 9001, ""),
        ("localhost:80/workers/1", "localhost", 80, "/workers/1"),
    ],
)
def test_an_address_has_a_host_a_port_and_perhaps_a_prefix(address: str, host: str, port: int, prefix: str) -> None:
    endpoint = Endpoint(address)
    assert (endpoint.host, endpoint.port, endpoint.prefix) == (host, port, prefix)


def test_a_head_is_a_request_line_headers_and_an_empty_line() -> None:
    head = Endpoint("h:1/p").head("GET", "/path", {"A": "b", "C": "d"})
    assert head == b"GET /p/path HTTP/1.1\r\nHost: h:1\r\nA: b\r\nC: d\r\n\r\n"


class Server:
    """Answers with the number of the connection, once a test lets it."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests = asyncio.Semaphore(0)
        self.may_answer = asyncio.Semaphore(0)
        self._serving: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        self.connections += 1
        body = str(self.connections).encode()
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests.release()
                await self.may_answer.acquire()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def end(self) -> None:
        await asyncio.gather(*(task for task in self._serving if task))


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Server, KeptConnections]]:
    server = Server()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        connections = KeptConnections(Endpoint(f"127.0.0.1:{port}"))
        yield server, connections
        connections.close()
        await server.end()


def get(connections: KeptConnections) -> Coroutine[Any, Any, Response]:
    return connections.request("GET", "/", {})


def test_requests_at_a_time_have_a_connection_each_and_those_are_kept() -> None:
    async def run() -> list[bytes]:
        async with served() as (server, connections):
            asked = []
            for _ in range(2):
                asked.append(asyncio.create_task(get(connections)))
                await server.requests.acquire()
            for _ in range(4):
                server.may_answer.release()
            first = await asyncio.gather(*asked)
            then = [await get(connections) for _ in range(2)]
            return [response.body for response in [*first, *then]]

    first, second, *then = asyncio.run(run())
    assert (first, second) == (b"1", b"2")
    assert then[0] == then[1]


def test_a_connection_whose_request_was_cancelled_is_not_used_again() -> None:
    async def run() -> bytes:
        async with served() as (server, connections):
            server.may_answer.release()
            await get(connections)
            await server.requests.acquire()
            cancelled = asyncio.create_task(get(connections))
            await server.requests.acquire()
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            for _ in range(2):
                server.may_answer.release()
            return (await get(connections)).body

    assert asyncio.run(run()) == b"2"


def test_what_is_written_leaves_at_once() -> None:
    async def run() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            _, writer = await Endpoint(f"127.0.0.1:{listener.getsockname()[1]}").connect()
            delay: int = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            await writer.wait_closed()
            return delay

    assert asyncio.run(run()) != 0
