"""In each process of the server that is soaked: on SIGUSR2, writes how many tasks its loop has.

Python imports a module of this name at its start, where PYTHONPATH leads to it. SOAK_TASKS names the folder.
On SIGURG the clock jumps (tests/chaos).
"""

import asyncio
import os
import signal
import time
from pathlib import Path
from types import FrameType


def tell(number: int, frame: FrameType | None) -> None:
    """Write it into a file with the process's id for a name."""
    tasks = asyncio.all_tasks(asyncio.get_running_loop())
    Path(os.environ["SOAK_TASKS"], str(os.getpid())).write_text(f"{len(tasks)}\n", encoding="ascii")


signal.signal(signal.SIGUSR2, tell)

if "CHAOS_CLOCK" in os.environ:
    _offset = [0.0]
    _time, _time_ns = time.time, time.time_ns

    def jump(number: int, frame: FrameType | None) -> None:
        """Take the clock's offset from the file that CHAOS_CLOCK names. SIGURG is ignored where nobody listens."""
        _offset[0] = float(Path(os.environ["CHAOS_CLOCK"]).read_text(encoding="ascii"))

    signal.signal(signal.SIGURG, jump)
    time.time = lambda: max(0.0, _time() + _offset[0])
    time.time_ns = lambda: max(0, _time_ns() + int(_offset[0] * 10**9))
