"""Async handlers under Lambda's own Python runtime, awslambdaric, which awaits nothing."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

import pytest

from tests.integration.runtime.process import FUNCTIONS, LAYER
from tests.integration.runtime.scripted_api import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is for Linux")

INVOCATION = {  # awslambdaric 4 crashes where one of these is missing
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": "r-1",
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:x",
    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7",
}


class ManagedApi(ThreadingHTTPServer):
    """A Runtime API for a client whose requests are its own business: events go in, answers come out."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.events: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def invoke(self, event: dict[str, Any]) -> tuple[str, Any]:
        """The end of the path of the answer to one event, and its body."""
        self.events.put(event)
        return self.answers.get(timeout=PATIENCE)


class _Request(BaseHTTPRequestHandler):
    server: ManagedApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        self._answer(HTTPStatus.OK, json.dumps(event).encode(), INVOCATION)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.answers.put((self.path.rpartition("/")[2], body))
        self._answer(HTTPStatus.ACCEPTED, b"{}", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def managed(handler: str, port: int) -> Iterator[ManagedApi]:
    """A function under awslambdaric, told the port of a server to ask."""
    with ManagedApi() as api, ThreadPoolExecutor(1) as pool:
        pool.submit(api.serve_forever)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(LAYER),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
            "PORT": str(port),
        }
        command = [sys.executable, "-m", "awslambdaric", handler]
        with subprocess.Popen(command, env=environment, cwd=FUNCTIONS, stdout=subprocess.DEVNULL) as process:
            try:
                yield api
            finally:
                process.kill()
                api.events.put(None)
                api.shutdown()


def repeat_lines(listener: socket.socket) -> list[str]:
    """Serve one connection, and no other: send back each line. What was sent, when it ends."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:
        lines = []
        for line in stream:
            lines.append(line.decode())
            stream.write(line)
            stream.flush()
        return lines


def test_every_invocation_runs_on_one_loop_and_finds_the_connection_that_was_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(PATIENCE)
        served = pool.submit(repeat_lines, listener)
        with managed("plain.handler", listener.getsockname()[1]) as api:
            answers = [api.invoke({"word": "one"}), api.invoke({"word": "two"})]
            kind, error = api.invoke({"fails": True})
            answers.append(api.invoke({"word": "three"}))
        assert answers == [
            ("response", {"answer": f"{word}\n", "loops": 1, "calls": calls, "request": "r-1"})
            for word, calls in [("one", 1), ("two", 2), ("three", 4)]
        ]
        assert (kind, error["errorType"], error["errorMessage"]) == ("error", "ValueError", "it fails")
        assert served.result(PATIENCE) == ["one\n", "two\n", "three\n"]
