"""What an environment holds after hundreds of requests that went wrong is what it held after a few."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import psutil

from tests.integration.gateway.conftest import Start
from tests.integration.gateway.functions import Function
from tests.running import Upstream
from tests.unit.functions.functions import read_event

PLAYS = (
    "plain", "cut", "hang-up", "limited", "server-error", "html-200", "html-502", "not-json", "eof-without-finish",
    "error-first", "error-after-text", "redirect", "cut-before-text", "no-such-play", "tool-broken-json",
)  # fmt: skip


def requests(key: str) -> Iterator[dict[str, Any]]:
    """Requests that fail in every way, whole and streamed, heard to the end and not."""
    event = read_event("messages-hello", key)
    for play, pieces in zip(cycle(PLAYS), cycle((None, 0, 1, None, 2)), strict=False):
        for stream in (False, True):
            request = {"model": "gpt-5", "max_tokens": 9, "messages": [{"role": "user", "content": f"[[play:{play}]]"}]}
            yield {**event, "body": json.dumps({**request, "stream": stream}), "pieces": pieces}
        yield {**event, "body": '{"model": '}


def held(function: Function) -> tuple[int, int, int]:
    """Files and sockets, threads, connections."""
    process = psutil.Process(function.pid)
    return process.num_fds(), process.num_threads(), len(process.net_connections("tcp"))


def test_files_threads_and_connections_stay_few(start: Start, key: str, upstream: Upstream) -> None:
    function = start("messages")
    asking = requests(key)
    for event in islice(asking, 60):
        function.call(event)
    before = held(function)
    for event in islice(asking, 240):
        function.call(event)
    after = held(function)
    assert [now <= then + 1 for now, then in zip(after, before, strict=True)] == [True] * 3, (before, after)
    assert after[2] <= 2
    assert function.call(read_event("messages-hello", key)).status == 200
    # What the caller did not want to hear, the upstream did not go on to say: none is left open.
    assert [stream for stream in upstream.streams() if stream["ended"] == "open"] == []
