"""HTTP as the Runtime API speaks it, however its bytes arrive."""

from io import BufferedReader, RawIOBase
from typing import Any

import pytest
from streaming.connection import Endpoint, read_response


class Pieces(RawIOBase):
    """What a socket gives: some bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece, self._data = self._data[: self._size], self._data[self._size :]
        buffer[: len(piece)] = piece
        return len(piece)


def reader(data: bytes, size: int = 65_536) -> BufferedReader:
    return BufferedReader(Pieces(data, size))


ANSWERS = {
    "length": b"HTTP/1.1 200 OK\r\nX-Id: a b \r\nContent-Length: 6\r\n\r\nbody\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nX-Id: a b\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4;x=y\r\nbody\r\n2\r\n\r\n\r\n0\r\nT: t\r\n\r\n",
    "end": b"HTTP/1.1 200\r\nX-Id:a b\r\n\r\nbody\r\n",
}


@pytest.mark.parametrize("size", [1, 2, 7, 65_536])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_the_same_however_it_is_split(answer: bytes, size: int) -> None:
    response = read_response(reader(answer, size))
    assert (response.status, response.headers["x-id"], response.body) == (200, "a b", b"body\r\n")


@pytest.mark.parametrize("answer", [ANSWERS["length"], ANSWERS["chunks"]], ids=["length", "chunks"])
def test_what_follows_an_answer_is_left_for_the_next(answer: bytes) -> None:
    both = reader(answer + ANSWERS["length"], 3)
    read_response(both)
    assert read_response(both).body == b"body\r\n"


@pytest.mark.parametrize("answer", [ANSWERS["length"], ANSWERS["chunks"]], ids=["length", "chunks"])
def test_an_answer_that_ends_early_is_a_connection_error(answer: bytes) -> None:
    for length in range(len(answer)):
        with pytest.raises(ConnectionError):
            read_response(reader(answer[:length]))


def test_something_else_than_http_is_an_error() -> None:
    with pytest.raises(ValueError, match="not HTTP/1"):
        read_response(reader(b"SSH-2.0 OpenSSH_9.2 Debian\r\n\r\n"))


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
