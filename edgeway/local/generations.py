"""A function as its source was at one time: a fork server and the workers that came of it."""

from __future__ import annotations

import asyncio
import enum
import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol

from edgeway.local.fork_server import ForkServerEvents, exit_reason
from edgeway.local.template import Function
from edgeway.local.workers import Busy, Idle, Starting, Worker, WorkerOwner

ARRIVAL_SECONDS: Final = 0.1
"""What a worker sent before it died is here by then: its death is told on another socket, and may be known first."""


class Stage(enum.Enum):
    """What a generation can do."""

    STARTING = enum.auto()
    READY = enum.auto()
    UNUSABLE = enum.auto()
    """The handler cannot be imported: only another source helps."""
    GONE = enum.auto()
    """It was ready, and has died."""
    RETIRED = enum.auto()
    """There is newer source; running invocations finish."""


class Processes(Protocol):
    """The processes of a generation: a fork server."""

    async def start(self) -> None:
        """Start the first of them. OSError: it cannot be started."""

    def fork(self, worker_id: str) -> None:
        """Ask for a worker."""

    def close(self) -> None:
        """Let them end."""

    async def wait_closed(self, grace_seconds: float) -> None:
        """Wait until they have ended, and kill them after the grace period."""

    def kill(self) -> None:
        """Kill them."""


class Launch(Protocol):
    """Makes the fork server of a function."""

    def __call__(self, function: Function, client_id: str, events: ForkServerEvents) -> Processes:
        """Return one that is ready to be started; the Runtime API knows it as `client_id`."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Who may call the Runtime API, by unguessable ids: other users of the machine can reach its port too."""

    workers: dict[str, Worker] = field(default_factory=dict)
    generations: dict[str, Generation] = field(default_factory=dict)


class GenerationOwner(WorkerOwner, Protocol):
    """Who is told what becomes of a generation: its pool."""

    def generation_ready(self) -> None:
        """Workers can be forked."""

    def generation_unusable(self, reason: str) -> None:
        """It will never have a worker."""

    def worker_exited(self, worker: Worker, status: int) -> None:
        """A worker has ended."""

    def generation_gone(self, generation: Generation, status: int) -> None:
        """Its last process has ended."""


class Generation:
    """One fork server with its workers."""

    def __init__(self, function: Function, owner: GenerationOwner, clients: Clients, launch: Launch) -> None:
        self.function = function
        self.id = f"{function.name}-{secrets.token_hex(8)}"
        self.workers: dict[str, Worker] = {}
        self.stage = Stage.STARTING
        self._settled = asyncio.Event()
        self._owner = owner
        self._clients = clients
        self._processes = launch(function, self.id, self)

    async def start(self) -> None:
        """Start the fork server."""
        self._clients.generations[self.id] = self
        try:
            await self._processes.start()
        except OSError as error:
            self._processes.close()
            del self._clients.generations[self.id]
            self.init_failed(str(error))

    async def wait_settled(self, seconds: float) -> None:
        """Wait until it is known whether it can serve; one that takes longer cannot."""
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            self.init_failed(f"it was not imported after {seconds:g} seconds")
            self._processes.kill()

    def fork(self) -> Worker:
        """Ask for another worker."""
        worker = Worker(f"{self.function.name}-{secrets.token_hex(8)}", self._owner)
        self.workers[worker.id] = self._clients.workers[worker.id] = worker
        self._processes.fork(worker.id)
        return worker

    def retire(self, grace_seconds: float) -> None:
        """Let running invocations finish, and end."""
        self.stage = Stage.RETIRED
        self._settled.set()
        for worker in self.workers.values():
            if isinstance(worker.state, Idle | Starting):
                worker.leave(grace_seconds)
        self._close_if_finished()

    async def close(self, grace_seconds: float) -> None:
        """End now."""
        self.stage = Stage.RETIRED
        self._processes.close()
        await self._processes.wait_closed(grace_seconds)

    def init_failed(self, reason: str) -> None:
        """Note, once, that it cannot serve; the runtime itself reports so where the handler cannot be imported."""
        if self.stage is Stage.STARTING:
            self.stage = Stage.UNUSABLE
            self._settled.set()
            self._owner.generation_unusable(reason)

    def ready(self) -> None:
        """The fork server can fork."""
        if self.stage is Stage.STARTING:
            self.stage = Stage.READY
            self._settled.set()
            self._owner.generation_ready()

    def forked(self, worker_id: str, pid: int) -> None:
        """A worker runs."""
        self.workers[worker_id].forked(pid)

    def exited(self, worker_id: str, status: int) -> None:
        """A worker has ended."""
        worker = self.workers[worker_id]
        worker.exited()
        if worker.invocation is None or worker.invocation.over:
            self._bury(worker, status)
        else:
            asyncio.get_running_loop().call_later(ARRIVAL_SECONDS, self._bury, worker, status)

    def gone(self, status: int) -> None:
        """The fork server has ended, and its workers with it."""
        self.init_failed(f"it ended with {exit_reason(status)} before it was ready")
        if self.stage is Stage.READY:
            self.stage = Stage.GONE
        for worker in list(self.workers.values()):
            worker.exited()
            self._bury(worker, status)
        del self._clients.generations[self.id]
        self._owner.generation_gone(self, status)

    def _bury(self, worker: Worker, status: int) -> None:
        if self.workers.pop(worker.id, None) is not None:
            del self._clients.workers[worker.id]
            self._owner.worker_exited(worker, status)
            if self.stage is Stage.RETIRED:
                self._close_if_finished()

    def _close_if_finished(self) -> None:
        if not any(isinstance(worker.state, Busy) for worker in self.workers.values()):
            self._processes.close()
