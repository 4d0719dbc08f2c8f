"""A process that is held to a share of a processor gets no more, and goes on afterwards."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.processor_share import held_to, used

BUSY = "while True: pass"


def test_a_process_is_held_to_its_share() -> None:
    """It may get less: this machine has other work. More it may not, but for what one look at it comes late."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        try:
            with held_to(0.2, process.pid):
                time.sleep(0.2)  # the start
                began, before = time.monotonic(), used(process.pid)
                time.sleep(1.0)
                assert used(process.pid) - before < 0.5 * (time.monotonic() - began)
            before = used(process.pid)
            until = time.monotonic() + 20
            while used(process.pid) < before + 0.05:
                assert time.monotonic() < until, "it does not go on"
                time.sleep(0.01)
        finally:
            process.kill()
