"""A call whose task is cancelled, because the caller has gone or the process is told to end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.loop import run
from tests.unit.gateway.certificates import ServerTls
from tests.unit.gateway.raw_server import EVENT, HEAD, Peer, Server, chunk, serving
from tests.unit.gateway.upstream_calls import new_upstream, opened


@pytest.mark.failure_mode(40)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("sent", [(), (HEAD[:30],), (HEAD,), (HEAD, chunk(EVENT))], ids=len)
def test_a_call_that_is_cancelled_lets_the_upstream_go(
    sent: tuple[bytes, ...], tls: bool, certificate: ServerTls
) -> None:
    asked, ended = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(*sent)
        asked.set()
        peer.wait_for_the_end()
        ended.set()

    async def call(server: Server) -> None:
        answer = await opened(upstream, server)
        try:
            async for _ in answer.batches():
                pass
        finally:
            await answer.close()

    async def hang_up(server: Server) -> None:
        calling = asyncio.create_task(call(server))
        await asyncio.to_thread(asked.wait)
        await asyncio.sleep(0.05)  # it waits for more by now; the outcome is the same if it does not yet
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await asyncio.to_thread(ended.wait)

    with new_upstream() as upstream, serving(script, tls=certificate.context if tls else None) as server:
        run(hang_up(server))
        assert len(server.requests) == 1


def test_a_request_on_its_way_ends_too() -> None:
    connected, ended = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        connected.set()
        ended.wait()

    async def hang_up(server: Server) -> None:
        calling = asyncio.create_task(opened(upstream, server, body=b"x" * 30_000_000))
        await asyncio.to_thread(connected.wait)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        ended.set()

    with new_upstream() as upstream, serving(script) as server:
        run(hang_up(server))
