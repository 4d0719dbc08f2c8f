"""Tells apart what functions of one process print: each line is reported under its function's name."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Final

PRINTING: Final[ContextVar[str]] = ContextVar("PRINTING", default="server")
"""The function whose code runs, in each task and each thread that a task waits for."""


class FunctionOutput(io.TextIOBase):
    """A text stream of whole lines."""

    def __init__(self, take: Callable[[str, str], None]) -> None:
        super().__init__()
        self._take = take
        self._rest = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Pass on what is complete."""
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            for line in lines:
                self._take(PRINTING.get(), line)
        return len(text)


@contextlib.contextmanager
def captured_output(take: Callable[[str, str], None]) -> Iterator[None]:
    """Hand over what is printed, by name and line, for as long as the block lasts."""
    output = FunctionOutput(take)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield
