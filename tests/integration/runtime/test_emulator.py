"""The runtime against AWS's own Runtime API: the interface emulator that comes with the SAM command line.

It is a second opinion on our protocol, no more: it buffers a streamed answer and drops its trailers.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
from streaming.failure import WITHHELD

from tests.integration.runtime.process import FUNCTIONS, LAYER, STREAM
from tests.integration.runtime.scripted_api import PATIENCE

pytestmark = pytest.mark.sam

SAM = Path(__file__).parents[3] / ".venv-sam"
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
INVOCATIONS = "/2015-03-31/functions/function/invocations"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def emulated(handler: str, environment: dict[str, str]) -> Iterator[int]:
    """A function in the emulator, and the port on which it is invoked."""
    (emulator,) = SAM.glob(f"lib/python3.*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}")
    port = free_port()
    addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    addresses += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
    with subprocess.Popen(
        [emulator, *addresses, LAYER / "bootstrap", sys.executable],
        env={
            "PATH": os.environ["PATH"],
            "LAMBDA_TASK_ROOT": str(FUNCTIONS),
            "PYTHONPATH": str(LAYER),
            "_HANDLER": handler,
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_until_it_listens(port)
            yield port
        finally:
            process.kill()


def wait_until_it_listens(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError("the emulator does not listen")


def invoke(port: int, event: object, status: int = HTTPStatus.OK) -> bytes:
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("POST", INVOCATIONS, json.dumps(event))
        response = connection.getresponse()
        assert response.status == status
        return response.read()


def test_streamed_answers_arrive_prelude_first() -> None:
    prelude = b'{"statusCode":200,"headers":{"content-type":"text/event-stream"}}\0\0\0\0\0\0\0\0'
    with emulated("handlers.stream", STREAM) as port:
        assert invoke(port, {"script": ["one", "", "two"]}) == prelude + b"onetwo"
        assert invoke(port, {"script": ["one", "fail", "two"]}) == prelude + b"one"
        assert invoke(port, {"script": ["again"], "end": "fail"}) == prelude + b"again"
        assert invoke(port, {"script": []}) == prelude


@pytest.mark.parametrize("handler", ["handlers.echo", "handlers.echo_plainly"])
def test_whole_answers_arrive_with_events_of_any_size(handler: str) -> None:
    with emulated(handler, {}) as port:
        for answer in ("x" * 2_000_000, {"statusCode": 200, "body": "é"}):
            assert json.loads(invoke(port, {"answer": answer})) == answer


@pytest.mark.parametrize(
    ("handler", "status", "error"),
    [
        ("handlers.fail", HTTPStatus.OK, "ValueError"),
        ("absent.handler", HTTPStatus.BAD_GATEWAY, "ModuleNotFoundError"),
    ],
)
def test_errors_arrive_without_what_they_say(handler: str, status: int, error: str) -> None:
    with emulated(handler, {}) as port:
        told = json.loads(invoke(port, {}, status))
        assert told == {"errorType": error, "errorMessage": WITHHELD, "stackTrace": told["stackTrace"]}
