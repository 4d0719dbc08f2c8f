"""Where a server is found."""

from __future__ import annotations

import socket


def local_url(listener: socket.socket) -> str:
    """Return an address that works on this machine."""
    host, port, *_ = listener.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 nothing is bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
