"""Starts what the tests talk to: the scripted upstream and the local gateway, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).parent.parent
EDGEWAY = Path(sys.executable).with_name("edgeway")
START_LIMIT = 60.0  # seconds; the machine may be busy with other tests
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
END_OF_SCREEN = "Other clients ("
"""What stands above has the caller's key, for people to copy."""
REQUEST_LINE = re.compile(r"^(\d{3})  ", re.MULTILINE)


class HasAddress(Protocol):
    """An upstream, for whoever only has to find it."""

    @property
    def url(self) -> str:
        """Where it serves."""
        ...


@dataclass(frozen=True, slots=True)
class Upstream:
    """A scripted upstream that runs."""

    url: str
    pid: int

    def requests(self) -> list[dict[str, Any]]:
        """What it was asked, oldest first: headers, body, received (monotonic seconds)."""
        asked: list[dict[str, Any]] = self._ask("GET", "/_requests")
        return asked

    def streams(self) -> list[dict[str, Any]]:
        """The answers it played, oldest first: play, chunks, ended (open, finished, cut, peer closed)."""
        streams: list[dict[str, Any]] = self._ask("GET", "/_active")["streams"]
        return streams

    def nonce(self) -> str:
        """What stands for @nonce@ in its scripts."""
        nonce: str = self._ask("GET", "/_nonce")
        return nonce

    def forget(self) -> None:
        """Forget requests, streams and attempts."""
        self._ask("DELETE", "/_requests")

    def _ask(self, method: str, path: str) -> Any:
        with closing(HTTPConnection(self.url.removeprefix("http://"))) as connection:
            connection.request(method, path)
            return json.load(connection.getresponse())


@dataclass(frozen=True, slots=True)
class Gateway:
    """A local gateway that runs, with the key that it accepts and the upstream key that it alone knows."""

    url: str
    pid: int
    key: str
    upstream_key: str
    output: Path

    def log(self) -> str:
        """Everything it has printed so far."""
        return self.output.read_text()

    @property
    def secrets(self) -> dict[str, str]:
        """What may stand nowhere in what it leaves behind: keys, the prompts of tests, the answers of the upstream."""
        return {
            "the caller's key": self.key,
            "the upstream's key": self.upstream_key,
            "a prompt": "[[play:",
            "an answer": "from the upstream",
        }

    def statuses(self) -> list[int]:
        """The status of every request that it has printed a line for."""
        return [int(status) for status in REQUEST_LINE.findall(self.log())]


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """A scripted upstream on a free port."""
    command = [sys.executable, "-m", "tests.upstreams.scripted", "--port", "0"]
    with started(command, ROOT, os.environ, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Upstream(f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid)


@contextmanager
def running_gateway(upstream: HasAddress, **env: str) -> Iterator[Gateway]:
    """`edgeway local` on a free port, the upstream in OpenAI's place, nothing of our own environment or .env.

    When it has ended, what it has written is searched for what it must not write.
    """
    key, upstream_key = (f"{kind}-{secrets.token_hex(16)}" for kind in ("caller", "upstream"))
    with tempfile.TemporaryDirectory(prefix="edgeway-") as name:
        folder = Path(name)
        command = [str(EDGEWAY), "local", "--port", "0", "--no-reload", "--key", key, "--data", f"{folder}/data"]
        environment = {**provided(upstream, upstream_key, folder), **env}
        with serving(command, folder, environment, key, upstream_key) as gateway:
            yield gateway
        no_leaks(gateway, gateway.log().partition(END_OF_SCREEN)[2])


@contextmanager
def running_server(upstream: HasAddress, *options: str, **env: str) -> Iterator[Gateway]:
    """`edgeway serve` on a free port of this machine, with a key of its own, and a store unless one is named."""
    upstream_key = f"upstream-{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory(prefix="edgeway-") as name:
        folder = Path(name)
        store = {"EDGEWAY_STORE": f"sqlite:{folder}/data/edgeway.db"}
        environment = {**provided(upstream, upstream_key, folder), **store, **env}
        making = [str(EDGEWAY), "keys", "create", "--name", "tests", "--json"]
        made = subprocess.run(making, env=environment, capture_output=True, check=True)
        command = [str(EDGEWAY), "serve", "--host", "127.0.0.1", "--port", "0", *options]
        with serving(command, folder, environment, json.loads(made.stdout)["key"], upstream_key) as gateway:
            yield gateway
        no_leaks(gateway, gateway.log())


def provided(upstream: HasAddress, upstream_key: str, folder: Path) -> dict[str, str]:
    """The environment of a gateway: the upstream in OpenAI's place, and nothing of our own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OPENAI_API_KEY": upstream_key,
        "OPENAI_BASE_URL": f"{upstream.url}/v1",
    }


@contextmanager
def serving(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], key: str, upstream_key: str
) -> Iterator[Gateway]:
    """The gateway that a command starts; its output goes into the folder."""
    output = folder / "output.txt"
    with output.open("w") as log, started(command, folder, environment, log) as process:
        yield Gateway(ready(process, output), process.pid, key, upstream_key, output)


def no_leaks(gateway: Gateway, printed: str) -> None:
    """Raise AssertionError where the gateway has left behind what it must not, in what it printed or in its data."""
    leaks = find_leaks(gateway.secrets, printed, gateway.output.parent / "data")
    assert not leaks, f"the gateway has written down what it must not: {leaks}"


def find_leaks(planted: Mapping[str, str], printed: str, data: Path) -> list[str]:
    """Where which of these secrets stands: in what was printed, and in every file below the data folder."""
    written = {"its output": printed.encode()}
    written |= {str(file.relative_to(data)): file.read_bytes() for file in data.rglob("*") if file.is_file()}
    return [
        f"{name} in {place}"
        for name, secret in planted.items()
        for place, content in written.items()
        if secret.encode() in content
    ]


@contextmanager
def started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], output: IO[str] | int
) -> Iterator[subprocess.Popen[bytes]]:
    """A process, stopped in the end; what it says of errors goes with its output."""
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield process
        finally:
            stop(process)


def ready(process: subprocess.Popen[bytes], output: Path) -> str:
    """The gateway's address, once it answers GET / with 200 and every function can serve."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        printed = output.read_text()
        if "cannot start" in printed:
            break
        for address in ADDRESS.findall(printed):
            if answers(address):
                return str(address)
        time.sleep(0.05)
    raise RuntimeError(f"the gateway did not start (exit code {process.poll()}):\n{output.read_text()}")


def answers(url: str) -> bool:
    """Whether GET / is answered with 200."""
    with closing(HTTPConnection(url.removeprefix("http://"))) as connection:
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def stop(process: subprocess.Popen[Any]) -> None:
    """Ask the process to end; insist after ten seconds."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
