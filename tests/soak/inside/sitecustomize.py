"""In each process of the server that is soaked: on SIGUSR2, writes how many tasks its loop has.

Python imports a module of this name at its start, where PYTHONPATH leads to it. SOAK_TASKS names the folder.
"""

import asyncio
import os
import signal
from pathlib import Path
from types import FrameType


def tell(number: int, frame: FrameType | None) -> None:
    """Write it into a file with the process's id for a name."""
    tasks = asyncio.all_tasks(asyncio.get_running_loop())
    Path(os.environ["SOAK_TASKS"], str(os.getpid())).write_text(f"{len(tasks)}\n", encoding="ascii")


signal.signal(signal.SIGUSR2, tell)
