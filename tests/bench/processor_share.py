"""Gives a process a share of one processor, as Lambda does with a function of little memory.

Lambda sets a quota: what a process may use in each period of some milliseconds. Here the process is stopped when it has
used that, until the next period, which any user may do on any Linux.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

PERIOD: Final = 0.020
LOOK: Final = 0.001


@contextmanager
def held_to(share: float, pid: int) -> Iterator[None]:
    """Let the process, all its threads together, use no more than this part of one processor."""
    if share >= 1:
        yield
        return
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(share, pid, ended), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _keep(share: float, pid: int, ended: threading.Event) -> None:
    with suppress(OSError):
        while not ended.is_set():
            until, limit = time.monotonic() + PERIOD, used(pid) + share * PERIOD
            while time.monotonic() < until and not ended.is_set():
                if used(pid) >= limit:
                    os.kill(pid, signal.SIGSTOP)
                    ended.wait(max(0.0, until - time.monotonic()))
                    os.kill(pid, signal.SIGCONT)
                else:
                    ended.wait(LOOK)


def used(pid: int) -> float:
    """Seconds of processors that a process has used so far, all its threads together."""
    return time.clock_gettime((~pid << 3) | 2)  # what clock_getcpuclockid(3) makes of a pid
