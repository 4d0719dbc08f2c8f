"""A call that ends because another thread says so."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from gateway.cancellation import Cancellation, CancelledCallError
from gateway.upstream.client import HttpUpstream

from tests.unit.gateway.certificates import ServerTls
from tests.unit.gateway.raw_server import (
    EVENT,
    HEAD,
    Peer,
    answering,
    chunk,
    serving,
)
from tests.unit.gateway.upstream_calls import (
    FRAMES,
    STREAM,
    call,
    read,
    read_and_close,
    use,
)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("sent", [(), (HEAD[:30],), (HEAD,), (HEAD, chunk(EVENT))], ids=len)
def test_a_wait_ends_when_another_thread_cancels(sent: tuple[bytes, ...], tls: bool, certificate: ServerTls) -> None:
    asked = threading.Event()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(*sent)
            asked.set()

    cancellation = Cancellation()
    context = certificate.context if tls else None
    with closing(HttpUpstream(monotonic=time.monotonic)) as upstream, serving(script, tls=context) as server:
        with ThreadPoolExecutor(1) as background:
            reading = background.submit(lambda: read(call(upstream, server, cancellation=cancellation)))
            asked.wait()
            time.sleep(0.05)  # it waits for more by now; the outcome is the same if it does not yet
            cancellation.cancel()
            assert isinstance(reading.exception(), CancelledCallError)
        assert len(server.requests) == 1


def test_a_write_ends_when_another_thread_cancels(upstream: HttpUpstream) -> None:
    connected, ended = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        connected.set()
        ended.wait()

    cancellation = Cancellation()
    with serving(script) as server, ThreadPoolExecutor(1) as background:
        body = b"x" * 30_000_000
        writing = background.submit(lambda: call(upstream, server, body=body, cancellation=cancellation))
        connected.wait()
        time.sleep(0.05)
        cancellation.cancel()
        assert isinstance(writing.exception(), CancelledCallError)
        ended.set()


def test_what_is_cancelled_before_it_begins_never_begins(upstream: HttpUpstream) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with serving(answering(*STREAM)) as server:
        use(upstream, server)
        with pytest.raises(CancelledCallError):
            call(upstream, server, cancellation=cancellation)
        assert len(server.requests) == 1
    with pytest.raises(CancelledCallError):  # and not that the server cannot be reached
        call(upstream, server, cancellation=cancellation)


def test_cancelling_what_has_ended_harms_nobody(upstream: HttpUpstream) -> None:
    cancellation = Cancellation()
    with serving(answering(*STREAM)) as server:
        read_and_close(call(upstream, server, cancellation=cancellation))
        cancellation.cancel()
        assert [use(upstream, server) for _ in range(2)] == [FRAMES] * 2
