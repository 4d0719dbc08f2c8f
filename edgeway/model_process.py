"""Starts model servers as processes that print their port and end with their parent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

STAYS_WITH_PARENT: Final = "--stay-with-parent"
"""The option by which such a server ends when its standard input closes, however its parent has ended."""
LEAVE_SECONDS: Final = 5


class ModelServerError(Exception):
    """The server has not started. It has said why on standard error."""


@dataclass(frozen=True, slots=True)
class ModelServer:
    """An OpenAI-compatible server that runs."""

    base_url: str
    """With /v1, as providers are configured."""
    models: tuple[str, ...]
    pid: int


@contextmanager
def running(module: str, arguments: Sequence[str], *, models: tuple[str, ...]) -> Iterator[ModelServer]:
    """Run `python -m module` for as long as the block lasts. Raises ModelServerError."""
    command = [sys.executable, "-m", module, STAYS_WITH_PARENT, *arguments]
    # A session of its own: Ctrl-C is for the parent, which may want to let running requests finish.
    with subprocess.Popen(  # noqa: S603 - a module of ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            printed = process.stdout.readline().strip() if process.stdout else ""
            if not printed.isdecimal():
                raise ModelServerError(f"{module} has not started (exit status {process.wait(LEAVE_SECONDS)})")
            yield ModelServer(f"http://127.0.0.1:{printed}/v1", models, process.pid)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(LEAVE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def when_the_parent_ends(leave: Callable[[], object]) -> None:
    """Call `leave`, in a thread, when standard input closes."""
    threading.Thread(target=_wait_for_end_of_input, args=(leave,), daemon=True).start()


def _wait_for_end_of_input(leave: Callable[[], object]) -> None:
    while os.read(0, 1024):
        pass
    leave()
