"""Upstreams that misbehave below HTTP: a script for each connection, played on a real socket."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
EVENT = b'data: {"n": 1}\n\n'
DONE = b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(body: bytes, content_type: str = "application/json", status: bytes = b"200 OK", *headers: bytes) -> bytes:
    """A whole answer."""
    lines = [b"HTTP/1.1 " + status, b"content-type: " + content_type.encode(), b"content-length: %d" % len(body)]
    return b"\r\n".join([*lines, *headers, b"", body])


@dataclass(frozen=True, slots=True)
class Peer:
    """A connection that a caller has made. `number` counts them from 1."""

    socket: socket.socket
    number: int
    requests: list[bytes]

    def request(self) -> bool:
        """Read a request whole; False where the caller has closed the connection."""
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(65_536)
            if not piece:
                return False
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
        while missing > 0:
            piece = self.socket.recv(missing)
            body, missing = body + piece, missing - len(piece)
        self.requests.append(head + b"\r\n\r\n" + body)
        return True

    def send(self, *pieces: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(b"".join(pieces))

    def reset(self) -> None:
        """Close the connection as a machine does that knows nothing of it any more."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def wait_for_the_end(self) -> None:
        """Return when the caller has closed the connection."""
        while self.socket.recv(65_536):
            pass


Script = Callable[[Peer], None]


@dataclass(slots=True)
class Server:
    """A server that runs, and what it has been asked, all connections together."""

    url: str
    script: Script
    listener: socket.socket
    tls: ssl.SSLContext | None
    requests: list[bytes] = field(default_factory=list)
    peers: list[socket.socket] = field(default_factory=list)

    @property
    def connections(self) -> int:
        """How many have been made."""
        return len(self.peers)

    def serve(self) -> None:
        """Accept connections until the listener is closed, each on a thread of its own."""
        threads = []
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.peers.append(connection)
                threads.append(threading.Thread(target=self.play, args=(connection, len(self.peers))))
                threads[-1].start()
        for connection in self.peers:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in threads:
            thread.join()

    def play(self, connection: socket.socket, number: int) -> None:
        """Play the script; a caller that goes away is none of its business."""
        with suppress(OSError), connection:
            spoken = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            self.peers[number - 1] = spoken  # for wrapping leaves the other one empty
            with spoken:
                self.script(Peer(spoken, number, self.requests))


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port that plays the script for every connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"{'https' if tls else 'http'}://localhost:{listener.getsockname()[1]}"
        server = Server(address, script, listener, tls)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answering(*pieces: bytes) -> Script:
    """Give every request of a connection the same answer, and keep the connection."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(*pieces)

    return script
