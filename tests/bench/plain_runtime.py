"""Stands in for Lambda's own Python runtime, whose start is not ours to measure: one invocation of a plain handler.

It runs in the function's Python, on the path that Lambda would make, and speaks to the scripted Runtime API.
"""

import importlib
import json
import os
import socket
from http.client import HTTPResponse

INVOCATION = "/2018-06-01/runtime/invocation"


class Context:
    """As much of Lambda's context as a plain handler asks for."""

    aws_request_id = "r-1"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds that are left."""
        return 30_000


def main() -> None:
    """Serve one event."""
    module, _, name = os.environ["_HANDLER"].partition(".")
    handler = getattr(importlib.import_module(module), name)
    authority = os.environ["AWS_LAMBDA_RUNTIME_API"]
    host, _, port = authority.partition(":")
    api = socket.create_connection((host, int(port)))
    api.sendall(f"GET {INVOCATION}/next HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
    invocation = HTTPResponse(api)
    invocation.begin()
    answer = json.dumps(handler(json.loads(invocation.read()), Context())).encode()
    head = f"POST {INVOCATION}/r-1/response HTTP/1.1\r\nHost: {authority}\r\nContent-Length: {len(answer)}\r\n\r\n"
    api.sendall(head.encode() + answer)
    api.recv(1)  # the scripted API hangs up when it has read enough


if __name__ == "__main__":
    main()
