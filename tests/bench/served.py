"""Counts the calls that a request costs the process of `edgeway local`, its server and its stores included.

python -m tests.bench.served
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvloop

from edgeway.docs.markdown import table
from edgeway.local.console.output import captured_output
from edgeway.local.console.request_lines import Reporter
from edgeway.local.development_key import ensure_development_key
from edgeway.local.processes.server import running
from edgeway.local.processes.settings import Settings
from edgeway.local.serve import request_lines
from tests.load.play import Play
from tests.load.processes import running_fast_upstream

WARM: Final = 30
COUNTED: Final = 20
PAUSE_SECONDS: Final = 0.05
"""Between two requests: what is written down of one is not in the way of the next."""
SETTLE_SECONDS: Final = 0.5


class Counter:
    """Counts the calls of one thread while it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_on = False

    def __call__(self, _frame: FrameType, event: str, _argument: Any) -> None:
        """Take one event of the interpreter's."""
        if self.is_on and event in ("call", "c_call"):
            self.calls += 1


def calls_a_request(*, stream: bool) -> float:
    """Of an answer of 20 chunks, from the bytes of its request to its line on the screen and its record."""
    counter = Counter()
    with running_fast_upstream() as upstream, tempfile.TemporaryDirectory(prefix="edgeway-") as folder:
        store = f"sqlite:{folder}/edgeway.db"
        key = ensure_development_key(store, None)
        settings = Settings(
            operator={
                "PATH": os.environ["PATH"],
                "HOME": folder,
                "OPENAI_API_KEY": "a key of the upstream",
                "OPENAI_BASE_URL": f"{upstream.url}/v1",
            },
            forced={"EDGEWAY_STORE": store, "EDGEWAY_TRUST_AUTHORIZER": "false"},
            sums=Path(folder, "sums.json"),
        )
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            reporter = request_lines(settings)
            with captured_output(reporter.output), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(settings, reporter, key, counter, stream=stream))
    return counter.calls / COUNTED


async def _serve(settings: Settings, reporter: Reporter, key: str, counter: Counter, *, stream: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    async with running(settings, reporter, listener):
        asking = asyncio.to_thread(_ask, listener.getsockname()[1], key, counter, stream=stream)
        sys.setprofile(counter)
        try:
            await asking
        finally:
            sys.setprofile(None)


def _ask(port: int, key: str, counter: Counter, *, stream: bool) -> None:
    """Send the requests, all over one connection; some before those that count."""
    message = {"role": "user", "content": Play(chunks=20).word()}
    body = json.dumps({"model": "gpt-5", "max_tokens": 1000, "stream": stream, "messages": [message]})
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for number in range(WARM + COUNTED):
        if number == WARM:
            time.sleep(SETTLE_SECONDS)
            counter.is_on = True
        connection.request("POST", "/v1/messages", body, {"x-api-key": key, "content-type": "application/json"})
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
        time.sleep(PAUSE_SECONDS)
    time.sleep(SETTLE_SECONDS)
    counter.is_on = False
    connection.close()


def main() -> None:
    """Print the table."""
    rows = [
        ("a whole answer of 20 chunks", f"{calls_a_request(stream=False):,.0f}"),
        ("a stream of 20 chunks", f"{calls_a_request(stream=True):,.0f}"),
    ]
    sys.stdout.write("\n".join(table(["", "calls"], rows)) + "\n")


if __name__ == "__main__":
    main()
