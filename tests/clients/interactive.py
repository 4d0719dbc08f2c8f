"""Runs the real Claude Code in a pseudo-terminal, as a person has it in front of them."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from tests.clients.claude_code import environment, executable
from tests.running import Gateway, stop

ROWS_AND_COLUMNS = (40, 120)
LIMIT = 30.0  # seconds that a screen may take
SEQUENCE = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b[=>78]")


@dataclass
class Terminal:
    """What a program has shown, and a keyboard."""

    descriptor: int
    shown: bytearray = field(default_factory=bytearray)

    def text(self) -> str:
        """Everything shown so far, without what moves the cursor; blanks are one blank."""
        return " ".join(SEQUENCE.sub(b" ", bytes(self.shown)).decode("utf-8", "replace").split())

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.descriptor, keys.encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Watch until the condition holds."""
        ends = time.monotonic() + LIMIT
        with DefaultSelector() as selector:
            selector.register(self.descriptor, EVENT_READ)
            while not condition():
                assert time.monotonic() < ends, f"it shows: {self.text()[-2000:]}"
                if selector.select(timeout=0.1):
                    self.shown += os.read(self.descriptor, 65536)


@contextmanager
def claude(gateway: Gateway, home: Path, package: str, variables: Mapping[str, str]) -> Iterator[Terminal]:
    """Claude Code for a person who has started it before and trusts the folder."""
    work = home / "work"
    work.mkdir()
    known = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    settings = {"hasCompletedOnboarding": True, "theme": "dark", "numStartups": 5, "projects": {str(work): known}}
    (home / ".claude.json").write_text(json.dumps(settings))
    variables = {"ANTHROPIC_AUTH_TOKEN": gateway.key, "TERM": "xterm-256color", **variables}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *ROWS_AND_COLUMNS, 0, 0))
    with subprocess.Popen(
        [executable(package)],
        cwd=work,
        env=environment(gateway, home, variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(ours)
        finally:
            stop(process)
            os.close(ours)
