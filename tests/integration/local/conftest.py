"""A local server in the test's own event loop, over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from edgeway.local.console.output import captured_output
from edgeway.local.console.request_lines import RequestLines
from edgeway.local.console.terminal import Terminal
from edgeway.local.processes.server import LocalServer, running
from edgeway.local.processes.settings import Settings
from edgeway.local.web.addresses import bind

PATIENCE = 30.0
"""Seconds; nothing here takes so long."""
TEMPLATE = Path(__file__).parent / "template.yaml"


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


class Gate:
    """Where a handler waits until the test lets it on."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        # Opened for both, so that neither side waits for the other to come.
        self._pipe = os.open(path, os.O_RDWR)

    def open(self) -> None:
        os.write(self._pipe, b"!")

    def close(self) -> None:
        os.close(self._pipe)


@dataclass
class Running:
    """A running server, and a client that calls it."""

    server: LocalServer
    client: httpx.AsyncClient
    port: int
    output: io.StringIO
    gates: list[Gate] = field(default_factory=list)

    def stream(self, path: str = "/stream", **script: Any) -> Any:
        """Open a streamed answer to a script."""
        return self.client.stream("POST", path, content=json.dumps(script))

    async def post(self, path: str = "/stream", **script: Any) -> httpx.Response:
        return await self.client.post(path, content=json.dumps(script))

    @property
    def lines(self) -> list[str]:
        return self.output.getvalue().splitlines()

    async def line(self, part: str) -> None:
        """Wait for a line that contains this."""
        await until(lambda: part in self.output.getvalue())

    async def until_answered(self, path: str, status: int) -> None:
        """Ask again and again until the answer has this status."""
        while (await self.client.get(path)).status_code != status:
            pass


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Running]:
    """Run a server as these settings say, on any free port."""
    output = io.StringIO()
    request_lines = RequestLines(Terminal(output, {}))
    with captured_output(request_lines.output), bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        async with (
            running(settings, request_lines, listener) as server,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=httpx.Limits()) as client,
        ):
            yield Running(server, client, port, output)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(template=TEMPLATE, reload=False, grace=0.2)


@pytest.fixture(scope="module")
async def local(settings: Settings) -> AsyncIterator[Running]:
    async with serving(settings) as server:
        yield server


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[list[Gate]]:
    """As many gates as a test with many streams needs."""
    gates = [Gate(tmp_path / f"gate-{number}") for number in range(20)]
    yield gates
    for gate in gates:
        gate.close()


@pytest.fixture
def gate(gates: list[Gate]) -> Gate:
    return gates[0]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what has no event to wait for: a file, another's process, a line of output."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until_gone(pid: int) -> None:
    await until(lambda: not lives(pid))
