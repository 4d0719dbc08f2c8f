"""The processes between callers and upstream, and what they hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import psutil

from tests.running import ROOT, started

MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class State:
    """What has become of the streams of the upstream."""

    open: int
    finished: int
    aborted: int
    closed: dict[str, int]
    """When the connection of a stream with a tag was closed under it, in nanoseconds of the monotonic clock."""


@dataclass(frozen=True, slots=True)
class FastUpstream:
    """The fast upstream that runs."""

    url: str
    pid: int

    def state(self) -> State:
        """What has become of its streams."""
        return State(**json.loads(self._ask("GET", "/state")))

    def release(self) -> int:
        """Let it answer those whom it holds, and return how many they were."""
        return int(self._ask("POST", "/release"))

    def _ask(self, method: str, path: str) -> bytes:
        with closing(HTTPConnection(self.url.removeprefix("http://"))) as connection:
            connection.request(method, path)
            return connection.getresponse().read()


@contextmanager
def running_fast_upstream() -> Iterator[FastUpstream]:
    """The fast upstream on a free port."""
    command = [sys.executable, "-m", "tests.load.upstream"]
    with started(command, ROOT, os.environ, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield FastUpstream(f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid)


def tree(pid: int) -> list[psutil.Process]:
    """A process and all that it has started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def memory(pid: int) -> float:
    """Megabytes of a process and all that it has started, each shared page counted once (PSS)."""
    held = 0
    for process in tree(pid):
        try:
            held += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return held / MEGABYTE
