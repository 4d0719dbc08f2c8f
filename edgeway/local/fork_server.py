"""The process of a function from which its workers fork: started through the real bootstrap, led by a socket.

The protocol is the runtime's own (layers/runtime/README.md): it says `ready`, takes `fork <id> <address>`, and reports
`forked <id> <pid>` and `exited <id> <pid> <status>`. The end of the socket ends it and its workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, cast

LINE_LIMIT: Final = 256 * 1024
"""A longer line of output is passed on in pieces."""


class ForkServerEvents(Protocol):
    """Who is told what becomes of a fork server."""

    def ready(self) -> None:
        """The function is imported; workers can be forked."""

    def forked(self, worker_id: str, pid: int) -> None:
        """A worker runs."""

    def exited(self, worker_id: str, status: int) -> None:
        """A worker has ended."""

    def gone(self, status: int) -> None:
        """The fork server itself has ended."""


class _Lines(asyncio.Protocol):
    """Splits what arrives into lines, without a task of its own."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self._take = take
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand over the lines that are complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._take(line.decode("utf-8", "replace"))

    def eof_received(self) -> None:
        """Hand over what had no line end."""
        if self._rest:
            self._take(self._rest.decode("utf-8", "replace"))
            self._rest = b""


class _Process(asyncio.SubprocessProtocol):
    """Watches the process; its output and that of its workers come through one pipe."""

    def __init__(self, output: _Lines, exited: Callable[[], None]) -> None:
        self.transport: asyncio.SubprocessTransport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the process and everything that holds its output are gone."""
        self._output = output
        self._exited = exited

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, _fd: int, data: bytes) -> None:
        self._output.data_received(data)

    def process_exited(self) -> None:
        self._exited()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._output.eof_received()
        self.closed.set_result(None)


class ForkServer:
    """A fork server. Its events may come before `start` returns."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        runtime_api: str,
        events: ForkServerEvents,
        print_line: Callable[[str], None],
    ) -> None:
        """Take what to start, the address under which workers find theirs, and who is told of events and output."""
        self._command = command
        self._environment = environment
        self._runtime_api = runtime_api
        self._events = events
        self._process = _Process(_Lines(print_line), self._exited)
        self._control = _Lines(self._report)

    async def start(self) -> None:
        """Start the process. OSError: it cannot be started."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        await loop.create_unix_connection(lambda: self._control, sock=ours)
        with theirs:
            # A session of its own: a Ctrl+C in the terminal is the server's to handle, and the processes of a function
            # can be killed as one group.
            await loop.subprocess_exec(
                lambda: self._process,
                *self._command,
                env={**self._environment, "STREAMING_FORK_FD": str(theirs.fileno())},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def fork(self, worker_id: str) -> None:
        """Ask for a worker; its id is the path under which the Runtime API knows it."""
        if self._control.transport is not None:
            self._control.transport.write(f"fork {worker_id} {self._runtime_api}/{worker_id}\n".encode())

    def close(self) -> None:
        """Let it end its workers and itself."""
        if self._control.transport is not None:
            self._control.transport.close()

    async def wait_closed(self, grace_seconds: float) -> None:
        """Wait until every process of the function is gone; after the grace period they are killed."""
        if self._process.transport is None:
            return
        done, _ = await asyncio.wait([self._process.closed], timeout=grace_seconds)
        if not done:
            self.kill()
            await self._process.closed

    def kill(self) -> None:
        """Kill the process and its workers."""
        if self._process.transport is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.transport.get_pid(), signal.SIGKILL)

    def _report(self, line: str) -> None:
        match line.split():
            case ["ready"]:
                self._events.ready()
            case ["forked", worker_id, pid]:
                self._events.forked(worker_id, int(pid))
            case ["exited", worker_id, _, status]:
                self._events.exited(worker_id, int(status))
            case _:
                raise ValueError("the fork server does not keep to its protocol")

    def _exited(self) -> None:
        self.kill()  # workers do not outlive it, even where it was killed itself
        self.close()
        if self._process.transport is not None:
            self._events.gone(self._process.transport.get_returncode() or 0)


def exit_reason(status: int) -> str:
    """Say how a process ended."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
