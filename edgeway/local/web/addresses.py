"""Opens the socket that a server listens on, and says its address."""

from __future__ import annotations

import socket
from typing import Final

SEND_BUFFER: Final = 128 * 1024
"""Bytes of an answer that wait in the kernel for a slow reader; it takes megabytes where it is not told."""


def local_url(listener: socket.socket) -> str:
    """Return an address that works on this machine."""
    host, port, *_ = listener.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 nothing is bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. OSError: the port is taken, or the host is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # connections inherit it
    return listener
