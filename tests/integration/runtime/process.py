"""The process under test: a function, started as Lambda starts it, through the real bootstrap."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.integration.runtime.scripted_api import PATIENCE

LAYER = Path(__file__).parents[3] / "layers" / "runtime"
FUNCTIONS = Path(__file__).parent / "functions"
STREAM = {"STREAMING_MODE": "stream"}


class Function:
    """A function that runs. Its standard output tells where it is, its standard error is the runtime's log."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr

    def printed(self, *lines: str) -> None:
        """Wait until it has printed these lines, and none before."""
        assert [self._stdout.readline().removesuffix("\n") for _ in lines] == [*lines]

    def go_on(self) -> None:
        """Let it go on from where it waits."""
        self._stdin.write("\n")
        self._stdin.flush()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def end_by(self, number: int) -> int:
        """Send a signal, once, and wait for its end."""
        self.signal(number)
        return self.exit_status()

    def switches(self) -> int:
        """How often it has gone to sleep, or was put to sleep, so far."""
        return sum(psutil.Process(self._process.pid).num_ctx_switches())

    def exit_status(self) -> int:
        """Wait for its end."""
        return self._process.wait(PATIENCE)

    def rest(self) -> str:
        """What it has printed before its end and nobody has read."""
        return self._stdout.read()

    def logged(self) -> dict[str, Any]:
        """The next line of its log."""
        record: dict[str, Any] = json.loads(self._stderr.readline())
        return record

    def rest_of_log(self) -> str:
        """The log until its end."""
        return self._stderr.read()


@contextmanager
def running(handler: str, address: str, environment: Mapping[str, str] | None = None) -> Iterator[Function]:
    """Run a handler against a Runtime API, with nothing of our own environment."""
    lambda_environment = {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": str(FUNCTIONS),
        "PYTHONPATH": str(LAYER),
        "AWS_LAMBDA_RUNTIME_API": address,
        "_HANDLER": handler,
        **(environment or {}),
    }
    with subprocess.Popen(
        [LAYER / "bootstrap", sys.executable, "/var/runtime/bootstrap.py"],
        env=lambda_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Function(process)
        finally:
            process.kill()
