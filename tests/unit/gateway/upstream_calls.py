"""Calls as the gateway makes them, and servers that several tests meet."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager

import pytest
from gateway.upstream.client import HttpAnswer, HttpUpstream
from gateway.upstream.deadlines import Deadlines
from translator.anthropic.errors import ApiError, Fault

from tests.loop import run
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


@contextmanager
def new_upstream() -> Iterator[HttpUpstream]:
    upstream = HttpUpstream(dict(os.environ))
    try:
        yield upstream
    finally:
        run(upstream.close())


def call(
    upstream: HttpUpstream,
    server: Server,
    deadlines: Deadlines = LONG,
    *,
    body: bytes = b"{}",
) -> HttpAnswer:
    return run(opened(upstream, server, deadlines, body=body))


async def opened(
    upstream: HttpUpstream, server: Server, deadlines: Deadlines = LONG, *, body: bytes = b"{}"
) -> HttpAnswer:
    return await upstream.open(
        f"{server.url}/v1/chat/completions",
        headers={"authorization": "Bearer provider-key"},
        body=body,
        deadlines=deadlines,
    )


def read(answer: HttpAnswer) -> list[str]:
    return run(frames_of(answer))


async def frames_of(answer: HttpAnswer) -> list[str]:
    return [frame async for batch in answer.batches() for frame in batch]


async def rest_of(batches: AsyncIterator[list[str]]) -> list[list[str]]:
    return [batch async for batch in batches]


def use(upstream: HttpUpstream, server: Server, deadlines: Deadlines = LONG) -> list[str]:
    """A call as the gateway makes it: it stops at the end marker, and drains."""

    async def used() -> list[str]:
        answer = await opened(upstream, server, deadlines)
        frames = []
        async with aclosing(answer.batches()) as batches:
            async for batch in batches:
                frames += batch
                if "[DONE]" in batch:
                    break
        await answer.close(drain=True)
        return frames

    return run(used())


def failure(act: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        act()
    assert caught.value.fault is Fault.UPSTREAM
    return caught.value


def read_and_close(answer: HttpAnswer) -> list[str]:
    try:
        return read(answer)
    finally:
        run(answer.close())


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
