"""One connection to an upstream: TCP, or TLS over it, whose every wait obeys the clock of the call."""

import socket
import ssl

import httpx

from gateway.upstream.deadlines import CallClock

_WRITE_SIZE = 65_536
"""Bytes that are written under one deadline."""
_READ_SIZE = 65_536


class Network:
    """Where connections come from; tests put another in its place."""

    def connect(self, host: bytes, port: int, timeout: float) -> socket.socket:
        """A TCP connection on which every send leaves at once."""
        # A host of bytes, which typeshed does not expect, spares a cold start the import of Python's codec for names.
        connection = socket.create_connection((host, port), timeout)  # type: ignore[arg-type]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def encrypt(self, connection: socket.socket, context: ssl.SSLContext, host: bytes) -> socket.socket:
        """The same connection, after the handshake."""
        return context.wrap_socket(connection, server_hostname=host)


class Connection:
    """An open connection. Raises httpx's errors, `DeadlineError`, or `CancelledCallError` after a cancel."""

    def __init__(self, connection: socket.socket, clock: CallClock) -> None:
        self._socket = connection
        self._clock = clock
        self._timeout: float | None = None
        """What the socket is set to: setting it costs a system call."""

    @property
    def is_stale(self) -> bool:
        """Whether the other side has closed it, or has sent what nobody asked for, while it was not in use."""
        self._set_timeout(0.0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        return True

    def send(self, message: bytes) -> None:
        """Send all of it."""
        self._clock.uses(self._socket)
        for start in range(0, len(message), _WRITE_SIZE):
            self._set_timeout(self._clock.wait_timeout())
            try:
                self._socket.sendall(message[start : start + _WRITE_SIZE])
            except TimeoutError as error:
                raise self._clock.timed_out() from error
            except OSError as error:
                raise httpx.WriteError("") from error

    def receive(self) -> bytes:
        """What has arrived, when something has; nothing at the end."""
        timeout = self._clock.wait_timeout()
        if timeout != self._timeout:
            self._set_timeout(timeout)
        try:
            received = self._socket.recv(_READ_SIZE)
        except TimeoutError as error:
            raise self._clock.timed_out() from error
        except OSError as error:
            self._clock.received(b"")  # a cancel may have broken it: Python 3.13 tells of one so under TLS
            raise httpx.ReadError("") from error
        self._clock.received(received)
        return received

    def close(self) -> None:
        """Close it, whatever was going on."""
        self._socket.close()

    def _set_timeout(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        self._timeout = seconds


def connect(url: httpx.URL, *, network: Network, context: ssl.SSLContext, clock: CallClock) -> Connection:
    """A new connection to the host of the address. Raises `httpx.ConnectError`, or `DeadlineError`."""
    is_encrypted = url.scheme == "https"
    host = url.raw_host
    try:
        connection = network.connect(host, url.port or (443 if is_encrypted else 80), clock.connect_timeout())
        if is_encrypted:
            connection = _encrypted(connection, host, network, context, clock)
    except TimeoutError as error:
        raise clock.timed_out() from error
    except OSError as error:
        raise httpx.ConnectError("") from error
    return Connection(connection, clock)


def _encrypted(
    connection: socket.socket, host: bytes, network: Network, context: ssl.SSLContext, clock: CallClock
) -> socket.socket:
    try:
        connection.settimeout(clock.connect_timeout())
        return network.encrypt(connection, context, host)
    except BaseException:
        connection.close()
        raise
