"""Keeps the processes of a server running: starts them again when they die, replaces them, stops them."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from gateway.settings import read_settings

from edgeway.local.processes.plan import READY, RETIRE, SETTLE_SECONDS, Plan
from edgeway.served_models import asking_servers

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0
HEALTHY_SECONDS: Final = 60.0
"""One that has lived so long is started again at once when it dies."""
MARGIN_SECONDS: Final = 2.0
"""What a process has to end by itself, beyond what it gives its requests."""


class Process:
    """One process that serves."""

    def __init__(self, plan: Plan, listener: socket.socket) -> None:
        self._plan = plan
        self._listener = listener
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.unusable: tuple[str, ...] = ()
        """The functions that cannot start there."""

    async def start(self) -> bool:
        """Return when it serves; False: it has ended before."""
        ours, theirs = socket.socketpair()
        with theirs:
            descriptors = (theirs.fileno(), self._listener.fileno())
            # A session of its own: a Ctrl+C in the terminal is the supervisor's to handle.
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "edgeway.local.processes.process", *map(str, descriptors)),
                env=self._plan.settings.operator,
                stdin=asyncio.subprocess.PIPE,
                pass_fds=descriptors,
                start_new_session=True,
            )
        if self._process.stdin is not None:
            self._process.stdin.write(pickle.dumps(self._plan))
            self._process.stdin.close()
        reader, self._writer = await asyncio.open_connection(sock=ours)
        ready, *unusable = (await reader.readline()).split() or [b""]
        self.unusable = tuple(name.decode() for name in unusable)
        return ready == READY

    async def wait(self) -> int:
        """Return its exit status, when it has ended."""
        status = 0 if self._process is None else await self._process.wait()
        if self._writer is not None:
            self._writer.close()
        return status

    def retire(self) -> None:
        """Let it finish what it serves, and end."""
        if self._writer is not None:
            self._writer.write(RETIRE)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it has not ended."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


class Supervisor:
    """Keeps as many processes as there are to be. All of them accept from one socket, so that none is waited for."""

    def __init__(
        self, make_process: Callable[[], Process], processes: int, say: Callable[[str], None], grace: float
    ) -> None:
        """Take how to make a process, how many are to serve, and the seconds that their requests have in the end."""
        self._make_process = make_process
        self._say = say
        self._grace = grace
        self._serving: list[Process | None] = [None] * processes
        self._pauses = [FIRST_PAUSE] * processes
        self._alive: set[Process] = set()
        """Also those that only finish what they serve."""
        self._watches: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    @property
    def unusable(self) -> list[str]:
        """The functions that cannot start in one of the processes."""
        return sorted({name for process in self._serving if process is not None for name in process.unusable})

    async def start(self) -> None:
        """Return when all of them serve, or have ended."""
        await asyncio.gather(*(self._fill(place) for place in range(len(self._serving))))

    async def replace(self) -> None:
        """Serve what the source is now, process after process. What runs on the old source finishes there."""
        for place in range(len(self._serving)):
            await self._fill(place)

    async def stop(self) -> None:
        """Let running requests finish for a while, and end every process."""
        self._is_stopping = True
        ends = [asyncio.create_task(process.wait()) for process in self._alive]
        self._signal(signal.SIGTERM)
        if ends:
            await asyncio.wait(ends, timeout=self._grace + SETTLE_SECONDS + MARGIN_SECONDS)
        self._signal(signal.SIGKILL)
        await asyncio.gather(*ends)
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    async def _fill(self, place: int) -> None:
        """Start a process in a place. Who serves there until then finishes."""
        process = self._make_process()
        self._alive.add(process)
        serves = await process.start()
        if serves:
            before, self._serving[place] = self._serving[place], process
            if before is not None:
                before.retire()
        watch = asyncio.create_task(self._watch(process, place))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    async def _watch(self, process: Process, place: int) -> None:
        """Wait for the end of a process, and start another one if nobody serves in its place."""
        begun = asyncio.get_running_loop().time()
        status = await process.wait()
        self._alive.discard(process)
        if self._is_stopping or self._serving[place] not in (process, None):
            return
        self._serving[place] = None
        if asyncio.get_running_loop().time() - begun > HEALTHY_SECONDS:
            self._pauses[place] = FIRST_PAUSE
        pause = self._pauses[place]
        self._pauses[place] = min(2 * pause, LONGEST_PAUSE)
        self._say(f"a process ended with {exit_reason(status)}; another one starts in {pause:g} s")
        await asyncio.sleep(pause)
        await self._fill(place)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._alive:
            process.signal(number)


def exit_reason(status: int) -> str:
    """Say how a process ended."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


@asynccontextmanager
async def supervised(plan: Plan, listener: socket.socket, say: Callable[[str], None]) -> AsyncIterator[Supervisor]:
    """Run the processes of a plan on a socket of its own for as long as the block lasts.

    Meanwhile the operator's own servers are asked what they serve.
    """
    settings = plan.settings
    environ = {**settings.operator, **settings.region_variables}
    with asking_servers(read_settings(environ), environ) as variables:
        told = replace(plan, settings=replace(settings, forced={**settings.forced, **variables}))
        supervisor = Supervisor(partial(Process, told, listener), settings.processes, say, settings.grace)
        try:
            await supervisor.start()
            yield supervisor
        finally:
            listener.close()  # else who comes now would wait for an answer that nobody gives
            await supervisor.stop()
