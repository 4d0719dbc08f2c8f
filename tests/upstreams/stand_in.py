"""Serves a stand-in of an API as a process of its own, which prints its address and says nothing more."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Quiet:
    """Of a handler: it logs no request."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the library's name
        """Say nothing."""


def serve(handler: type[BaseHTTPRequestHandler]) -> None:
    """Serve until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
