"""One worker: a forked process that serves one invocation at a time, as its pool and the Runtime API see it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from edgeway.local.invocations import Invocation

Poll: TypeAlias = "asyncio.Future[Invocation | None]"
"""A long poll for the next invocation; None: the worker is gone, and there is nobody to tell."""


@dataclass(frozen=True, slots=True)
class Starting:
    """Asked for; it has not yet asked for an invocation."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Waits for an invocation."""

    since: float


@dataclass(frozen=True, slots=True)
class Busy:
    """Serves an invocation; `overrun` is the timer of its deadline."""

    overrun: asyncio.TimerHandle


@dataclass(frozen=True, slots=True)
class Leaving:
    """Told to end; `kill` is the timer that insists."""

    kill: asyncio.TimerHandle


class WorkerOwner(Protocol):
    """Who has work for a worker: its pool."""

    def available(self, worker: Worker) -> None:
        """Note that the worker asks for its next invocation."""


class Worker:
    """A process of a function."""

    def __init__(self, worker_id: str, owner: WorkerOwner) -> None:
        self.id = worker_id
        self.state: Starting | Idle | Busy | Leaving = Starting()
        self.invocation: Invocation | None = None
        """What it serves; also while it is leaving, until it is gone."""
        self._owner = owner
        self._poll: Poll | None = None
        self._pid: int | None = None

    def poll(self) -> Poll:
        """Ask for the next invocation, on the worker's behalf."""
        self._answer_poll(None)  # it has lost the connection on which it asked before
        poll = self._poll = asyncio.get_running_loop().create_future()
        self._owner.available(self)
        return poll

    def wait(self) -> None:
        """Let it wait for an invocation."""
        self.state = Idle(since=asyncio.get_running_loop().time())

    def serve(self, invocation: Invocation, overrun: asyncio.TimerHandle) -> None:
        """Give an invocation to the waiting worker."""
        self.state = Busy(overrun)
        self.invocation = invocation
        self._answer_poll(invocation)

    def forked(self, pid: int) -> None:
        """Take note of the process, which may have been told to end before it was there."""
        self._pid = pid
        if isinstance(self.state, Leaving):
            self._signal(signal.SIGTERM)

    def leave(self, grace_seconds: float) -> None:
        """Send SIGTERM, which lets `finally` blocks run, and SIGKILL where that does not help.

        One that asks for work all the same gets another SIGTERM: a signal in the instant of a fork is lost, because the
        interpreter forgets what was pending when it starts in the child.
        """
        if isinstance(self.state, Busy):
            self.state.overrun.cancel()
        if not isinstance(self.state, Leaving):
            kill = asyncio.get_running_loop().call_later(grace_seconds, self._signal, signal.SIGKILL)
            self.state = Leaving(kill)
        self._signal(signal.SIGTERM)

    def exited(self) -> None:
        """Forget what was to be done to the process: it is gone, and its id may soon be another's."""
        self._pid = None
        self._answer_poll(None)
        if isinstance(self.state, Leaving):
            self.state.kill.cancel()

    def _answer_poll(self, invocation: Invocation | None) -> None:
        if self._poll is not None:
            self._poll.set_result(invocation)
            self._poll = None

    def _signal(self, number: signal.Signals) -> None:
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)
