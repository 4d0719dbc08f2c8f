"""The workers of one function, and the invocations that wait for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from edgeway.local import failures
from edgeway.local.failures import Failure
from edgeway.local.fork_server import exit_reason
from edgeway.local.generations import Clients, Generation, Launch, Stage
from edgeway.local.invocations import Invocation
from edgeway.local.template import Function
from edgeway.local.workers import Busy, Idle, Leaving, Starting, Worker


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a pool goes. Times are in seconds."""

    workers: int = 64
    waiting: int = 256
    """Callers that wait for a worker; one more is refused at once."""
    wait: float = 10.0
    """How long a caller waits for a worker."""
    idle_workers: int = 4
    """Idle workers that are kept for good."""
    idle: float = 60.0
    """After this, an idle worker above that number ends."""
    start: float = 60.0
    """How long importing a function may take."""
    leave: float = 6.0
    """From SIGTERM to SIGKILL: a fork server gives its own workers 5 seconds."""


class Pool:
    """Hands invocations to warm workers, and forks more as load asks."""

    def __init__(
        self,
        function: Function,
        limits: Limits,
        launch: Launch,
        clients: Clients,
        print_line: Callable[[str], None],
    ) -> None:
        self.function = function
        self._limits = limits
        self._launch = launch
        self._clients = clients
        self._print_line = print_line
        self._waiting: dict[Invocation, asyncio.TimerHandle] = {}
        self._served: dict[Invocation, Worker] = {}
        self._idle: list[Worker] = []
        """The last to become idle is the next to serve, so that the others can grow old."""
        self._generation = Generation(function, self, clients, launch)
        self._generations: set[Generation] = set()
        self._restarts = asyncio.Lock()
        self._revival: asyncio.Task[None] | None = None
        self._retirement: asyncio.TimerHandle | None = None

    async def start(self, function: Function) -> None:
        """Start the function as its source is now, and wait until it can serve or cannot.

        What runs on older source finishes there.
        """
        async with self._restarts:
            previous = self._generation
            self._generation = Generation(function, self, self._clients, self._launch)
            self._generations.add(self._generation)
            self.function = function
            self._idle.clear()
            await self._generation.start()
            if previous in self._generations:
                previous.retire(self._limits.leave)
            if self._retirement is None:
                self._retire_idle_workers()
        await self._generation.wait_settled(self._limits.start)

    async def close(self) -> None:
        """End every invocation and every process."""
        for invocation in [*self._waiting, *self._served]:
            invocation.end(failures.stopping())
        if self._retirement is not None:
            self._retirement.cancel()
        if self._revival is not None:
            await self._revival
        await asyncio.gather(*(generation.close(self._limits.leave) for generation in self._generations))

    @property
    def is_usable(self) -> bool:
        """Whether the function has started, or still may."""
        return self._generation.stage is not Stage.UNUSABLE

    @property
    def unanswered(self) -> list[asyncio.Future[Failure | None]]:
        """What will be done when the callers who wait now have their answers."""
        return [invocation.ended for invocation in [*self._waiting, *self._served] if not invocation.over]

    def submit(self, invocation: Invocation) -> None:
        """Have the invocation served, now or when a worker is free; it is ended in any case."""
        if self._generation.stage is Stage.UNUSABLE:
            self._refuse(invocation, failures.unusable(self.function.name))
        elif self._idle:
            self._assign(invocation, self._idle.pop())
        elif len(self._waiting) >= self._limits.waiting:
            self._refuse(invocation, failures.overloaded(self.function.name, self._limits.wait))
        else:
            timer = asyncio.get_running_loop().call_later(self._limits.wait, self._give_up, invocation)
            self._waiting[invocation] = timer
            self._fork_where_needed()

    def withdraw(self, invocation: Invocation) -> None:
        """Note that the caller has gone: nothing more is done."""
        if invocation.over:
            return
        invocation.end()
        if invocation in self._waiting:
            self._waiting.pop(invocation).cancel()
            invocation.release()
        elif invocation in self._served:
            self._served[invocation].leave(self._limits.leave)

    def available(self, worker: Worker) -> None:
        """Note that the worker is done with what it served, and asks for the next invocation."""
        served = self._release(worker)
        if served is not None:
            served.end(failures.broken(self.function.name))  # no more than a formality, unless it never answered
        if self._generation.stage is not Stage.READY or worker.id not in self._generation.workers:
            worker.leave(self._limits.leave)  # it came of older source
        elif self._waiting:
            self._assign(self._next_waiting(), worker)
        elif worker not in self._idle:
            worker.wait()
            self._idle.append(worker)

    def generation_ready(self) -> None:
        """Fork the first worker, and as many as are waited for."""
        self._fork_where_needed(at_least=1)

    def generation_unusable(self, reason: str) -> None:
        """Refuse whoever waits: nothing but other source helps."""
        self._print_line(f"cannot start: {reason}. Its next change is tried")
        while self._waiting:
            self._refuse(self._next_waiting(), failures.unusable(self.function.name))

    def generation_gone(self, generation: Generation, status: int) -> None:
        """Forget it; whoever waits has another one started."""
        self._generations.discard(generation)
        if generation.stage is Stage.GONE:
            self._print_line(f"its fork server ended with {exit_reason(status)}")
            self._fork_where_needed()

    def worker_exited(self, worker: Worker, status: int) -> None:
        """End what it served, and let the others go on."""
        served = self._release(worker)
        if served is not None:
            self._abandon(served)
        if not isinstance(worker.state, Leaving) and (status or served is not None):
            self._print_line(f"a worker ended with {exit_reason(status)}")
        if worker in self._idle:
            self._idle.remove(worker)
        if isinstance(worker.state, Starting) and self._waiting:
            # One caller for one failed start, so that a worker that never starts is not forked for ever.
            self._refuse(self._next_waiting(), failures.broken(self.function.name))
        self._fork_where_needed()

    def _assign(self, invocation: Invocation, worker: Worker) -> None:
        timeout = self.function.timeout_seconds
        overrun = asyncio.get_running_loop().call_later(timeout, self._overrun, invocation, worker)
        self._served[invocation] = worker
        worker.serve(invocation, overrun)

    def _overrun(self, invocation: Invocation, worker: Worker) -> None:
        self._print_line(f"an invocation overran its {self.function.timeout_seconds:g} seconds")
        invocation.end(failures.timed_out(self.function.name, self.function.timeout_seconds))
        worker.leave(self._limits.leave)

    def _release(self, worker: Worker) -> Invocation | None:
        """Take its invocation from a worker that is done with it, or dead."""
        invocation, worker.invocation = worker.invocation, None
        if isinstance(worker.state, Busy):
            worker.state.overrun.cancel()
        if invocation is not None:
            del self._served[invocation]
            invocation.release()
        return invocation

    def _abandon(self, invocation: Invocation) -> None:
        """End what a dead worker served.

        Once its answer has begun to arrive, the end of its connection does that, unless a process that it left behind
        holds the connection open.
        """
        failure = failures.broken(self.function.name)
        if invocation.answering:
            asyncio.get_running_loop().call_later(self._limits.leave, invocation.end, failure)
        else:
            invocation.end(failure)

    def _refuse(self, invocation: Invocation, failure: Failure) -> None:
        invocation.end(failure)
        invocation.release()

    def _give_up(self, invocation: Invocation) -> None:
        del self._waiting[invocation]
        self._refuse(invocation, failures.overloaded(self.function.name, self._limits.wait))

    def _next_waiting(self) -> Invocation:
        invocation = next(iter(self._waiting))
        self._waiting.pop(invocation).cancel()
        return invocation

    def _fork_where_needed(self, at_least: int = 0) -> None:
        """Fork a worker for each caller that waits, as far as the limit allows."""
        if self._generation.stage is Stage.GONE and self._waiting:
            self._revive()
        if self._generation.stage is not Stage.READY:
            return
        workers = self._generation.workers
        starting = sum(isinstance(worker.state, Starting) for worker in workers.values())
        missing = max(len(self._waiting) - starting, at_least - len(workers))
        room = self._limits.workers - sum(len(generation.workers) for generation in self._generations)
        for _ in range(min(missing, room)):
            self._generation.fork()

    def _revive(self) -> None:
        if self._revival is None or self._revival.done():
            self._revival = asyncio.get_running_loop().create_task(self.start(self.function))

    def _retire_idle_workers(self) -> None:
        loop = asyncio.get_running_loop()
        self._retirement = loop.call_later(self._limits.idle / 2, self._retire_idle_workers)
        oldest = self._idle[: max(0, len(self._idle) - self._limits.idle_workers)]
        for worker in oldest:
            if isinstance(worker.state, Idle) and loop.time() - worker.state.since > self._limits.idle:
                self._idle.remove(worker)
                worker.leave(self._limits.leave)
