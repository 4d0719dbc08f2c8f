"""A fork server: one process imports the handler, and workers fork from it in milliseconds and share its memory.

The other side of the control socket sends `fork <worker-id> <AWS_LAMBDA_RUNTIME_API value>` and is told `ready`,
`forked <worker-id> <pid>` and `exited <worker-id> <pid> <exit code, negative for a signal>`, a line each. When it
closes the socket, all end.
"""

import gc
import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

from streaming.termination import ENDING_SIGNALS, Terminated, Termination

GRACE = 5.0  # seconds from SIGTERM to SIGKILL
REMINDER = 0.5  # seconds from SIGTERM to SIGTERM
SIGNALS = 4_096  # bytes, one for each signal; more would only mean to wake up once more


class ForkServer:
    """Forks workers as the control socket asks, and tells of their end."""

    def __init__(self, control: int, termination: Termination) -> None:
        """Control: the descriptor of a connected stream socket, inherited from the process that asks."""
        self._control = socket.socket(fileno=control)
        self._termination = termination
        self._workers: dict[int, str] = {}  # process id to worker id
        self._unread = b""
        self._wakeup, self._signalled = socket.socketpair()

    def run(self) -> str:
        """Serve until the control socket is closed. Returns only in a worker: the address of its Runtime API."""
        self._signalled.settimeout(0)  # as set_wakeup_fd demands
        signal.signal(signal.SIGCHLD, lambda *_: None)  # ignored signals would not reach the wake-up socket
        signal.set_wakeup_fd(self._signalled.fileno())
        gc.freeze()  # no collection touches what is imported by now, so that workers go on sharing it
        try:
            self._tell("ready")
            return self._serve()
        except BaseException:
            with self._termination:
                self._stop_workers()
            raise

    def _serve(self) -> str:
        while True:
            readable, _, _ = select.select([self._control, self._wakeup], [], [])
            if self._wakeup in readable:
                self._wakeup.recv(SIGNALS)
                self._reap()
            if self._control in readable:
                for worker_id, address in self._commands():
                    if self._fork(worker_id):
                        return address

    def _commands(self) -> Iterator[tuple[str, str]]:
        received = self._control.recv(65_536)
        if not received:
            raise Terminated(0)
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            _, worker_id, address = line.decode().split(" ")
            yield worker_id, address

    def _fork(self, worker_id: str) -> bool:
        """Whether this is the worker."""
        with self._termination:
            # Python forgets a signal that a child gets before it has set itself up, so signals wait outside.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
            process_id = os.fork()
            if process_id == 0:
                self._become_worker()
            else:
                self._workers[process_id] = worker_id
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if process_id == 0:
            return True
        self._tell(f"forked {worker_id} {process_id}")
        return False

    def _become_worker(self) -> None:
        self._workers.clear()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for inherited in (self._control, self._wakeup, self._signalled):
            inherited.close()

    def _reap(self, options: int = os.WNOHANG) -> None:
        # Each worker is asked for by its id: whatever else the handler's modules started is not ours to wait for.
        for worker in list(self._workers):
            process_id, status = os.waitpid(worker, options)
            if process_id:
                worker_id = self._workers.pop(process_id)
                self._tell(f"exited {worker_id} {process_id} {os.waitstatus_to_exitcode(status)}")

    def _stop_workers(self) -> None:
        deadline = monotonic() + GRACE
        while self._workers and monotonic() < deadline:
            # Again and again: Python does not see a signal that comes in the instant before a system call blocks.
            self._signal_workers(signal.SIGTERM)
            if select.select([self._wakeup], [], [], REMINDER)[0]:
                self._wakeup.recv(SIGNALS)
            self._reap()
        self._signal_workers(signal.SIGKILL)
        self._reap(options=0)

    def _signal_workers(self, number: int) -> None:
        for worker in self._workers:
            os.kill(worker, number)

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # whoever does not listen has closed the socket, which reading shows
            self._control.sendall(line.encode() + b"\n")
