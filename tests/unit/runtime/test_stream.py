"""The chunks of a response, and who may write them when."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from streaming.stream import CallerGoneError, ResponseStream

HOUR = 3600.0


@pytest.fixture
def ends() -> Iterator[tuple[ResponseStream, socket.socket]]:
    ours, theirs = socket.socketpair()
    with closing(ResponseStream(ours)) as stream, theirs:
        yield stream, theirs


def received(connection: socket.socket) -> bytes:
    """Everything that was sent, once the stream is closed."""
    with connection.makefile("rb") as reader:
        return reader.read()


def test_nothing_is_sent_for_an_empty_piece(ends: tuple[ResponseStream, socket.socket]) -> None:
    stream, theirs = ends
    for piece in (b"", b"one", b"", b"x" * 16):
        stream.send(piece)
    stream.close()
    assert received(theirs) == b"3\r\none\r\n10\r\nxxxxxxxxxxxxxxxx\r\n"


@pytest.mark.failure_mode(12)
def test_a_keepalive_is_sent_only_after_silence(ends: tuple[ResponseStream, socket.socket]) -> None:
    stream, theirs = ends
    later = stream.send_after_silence(b"never", HOUR)
    soon = stream.send_after_silence(b"ping", 0.0)
    stream.close()
    assert received(theirs) == b"4\r\nping\r\n"
    assert later > soon


def test_nothing_is_sent_when_the_other_side_has_hung_up(ends: tuple[ResponseStream, socket.socket]) -> None:
    stream, theirs = ends
    theirs.close()
    assert stream.intact
    with pytest.raises(CallerGoneError):
        stream.send(b"one")
    assert not stream.intact
    with pytest.raises(CallerGoneError):
        stream.send_after_silence(b"ping", 0.0)


def test_nothing_is_sent_after_the_end(ends: tuple[ResponseStream, socket.socket]) -> None:
    stream, theirs = ends
    theirs.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    assert stream.finish().status == 202
    with pytest.raises(CallerGoneError):
        stream.send_after_silence(b"ping", 0.0)
    stream.close()
    assert received(theirs) == b"0\r\n\r\n"


class Interrupted(socket.socket):
    """A socket whose sending is interrupted by a signal when half of the data has left."""

    def sendall(self, data: bytes) -> None:  # type: ignore[override]
        super().sendall(data[: len(data) // 2])
        raise SystemExit


def test_nothing_follows_half_a_chunk() -> None:
    ours, theirs = socket.socketpair()
    with closing(ResponseStream(Interrupted(fileno=ours.detach()))) as stream, theirs:
        with pytest.raises(SystemExit):
            stream.send(b"one")
        with pytest.raises(CallerGoneError):
            stream.send(b"two")
        stream.close()
        assert received(theirs) == b"3\r\no"


def test_two_writers_never_mix(ends: tuple[ResponseStream, socket.socket]) -> None:
    stream, theirs = ends
    pieces = [b"a" * size for size in range(500_000, 500_030)]  # more than a socket takes at once

    def send() -> None:
        for piece in pieces:
            stream.send(piece)

    def keep_alive() -> None:
        with closing(stream):
            while sender.is_alive():
                stream.send_after_silence(b"ping", 0.0)

    sender, keeper = threading.Thread(target=send), threading.Thread(target=keep_alive)
    sender.start()
    keeper.start()
    data = received(theirs)
    sender.join()
    keeper.join()
    chunks = re.findall(rb"[0-9a-f]+\r\n(ping|a+)\r\n", data)
    assert data == b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in chunks)
    assert [piece for piece in chunks if piece != b"ping"] == pieces
    assert b"ping" in chunks
