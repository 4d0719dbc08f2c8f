"""Calls as the gateway makes them, and servers that several tests meet."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from gateway.cancellation import Cancellation
from gateway.upstream.client import HttpAnswer, HttpUpstream
from gateway.upstream.deadlines import Deadlines
from translator.anthropic.errors import ApiError, Fault

from tests.unit.gateway.raw_server import (
    DONE,
    EVENT,
    HEAD,
    LAST_CHUNK,
    Peer,
    Script,
    Server,
    chunk,
)

LONG = Deadlines(connect=600, first_byte=600, idle=600, total=600)
"""Longer than a test may take: who waits for one of these fails."""
STREAM = (HEAD, chunk(EVENT), chunk(DONE), LAST_CHUNK)
FRAMES = ['{"n": 1}', "[DONE]"]


def call(
    upstream: HttpUpstream,
    server: Server,
    deadlines: Deadlines = LONG,
    *,
    body: bytes = b"{}",
    cancellation: Cancellation | None = None,
) -> HttpAnswer:
    return upstream.open(
        f"{server.url}/v1/chat/completions",
        headers={"authorization": "Bearer provider-key"},
        body=body,
        deadlines=deadlines,
        cancellation=cancellation or Cancellation(),
    )


def read(answer: HttpAnswer) -> list[str]:
    return [frame for batch in answer.batches() for frame in batch]


def use(upstream: HttpUpstream, server: Server, deadlines: Deadlines = LONG) -> list[str]:
    """A call as the gateway makes it: it stops at the end marker, and drains."""
    answer = call(upstream, server, deadlines)
    frames = []
    for batch in answer.batches():
        frames += batch
        if "[DONE]" in batch:
            break
    answer.close(drain=True)
    return frames


def failure(act: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        act()
    assert caught.value.fault is Fault.UPSTREAM
    return caught.value


def read_and_close(answer: HttpAnswer) -> list[str]:
    try:
        return read(answer)
    finally:
        answer.close()


def late(*pieces: bytes) -> Script:
    """An answer whose last piece comes a moment after the rest."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(*pieces[:-1])
            time.sleep(0.03)
            peer.send(pieces[-1])

    return script


def stopping_after(*pieces: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(*pieces)
        peer.wait_for_the_end()

    return script
