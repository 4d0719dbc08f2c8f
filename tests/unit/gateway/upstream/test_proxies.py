"""Calls through a proxy, as the usual variables say; and what goes past it."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import httpx
import pytest
from gateway.upstream.client import HttpUpstream
from gateway.upstream.deadlines import Deadlines
from gateway.upstream.proxied import proxy_of

from tests.loop import run
from tests.unit.gateway.certificates import ServerTls
from tests.unit.gateway.raw_server import EVENT as ONE_EVENT
from tests.unit.gateway.raw_server import HEAD, Peer, Script, Server, answering, chunk, serving, whole
from tests.unit.gateway.upstream_calls import FRAMES, STREAM, call, failure, late, opened, read_and_close, use

REFUSAL = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"


def proxy(heads: list[bytes], *, refuses: bool = False) -> Script:
    """A proxy: it opens tunnels, and forwards what is asked for by a whole address."""

    def script(peer: Peer) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += peer.socket.recv(1)
        heads.append(head)
        method, target, _ = head.split(b" ", 2)
        if refuses:
            peer.send(REFUSAL)
            return
        host = target if method == b"CONNECT" else httpx.URL(target.decode()).netloc
        with socket.create_connection(tuple(host.decode().rsplit(":", 1))) as upstream:  # type: ignore[arg-type]
            if method == b"CONNECT":
                peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                upstream.sendall(head)
            back = threading.Thread(target=pipe, args=(upstream, peer.socket))
            back.start()
            pipe(peer.socket, upstream)
            back.join()

    return script


def pipe(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65_536):
            target.sendall(piece)
    except OSError:
        pass
    finally:
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def upstream_with(environment: Mapping[str, str]) -> Iterator[HttpUpstream]:
    upstream = HttpUpstream(environment)
    try:
        yield upstream
    finally:
        run(upstream.close())


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("variable", ["{}_PROXY", "{}_proxy", "ALL_PROXY"])
def test_a_call_goes_through_the_proxy(variable: str, tls: bool, certificate: ServerTls) -> None:
    heads: list[bytes] = []
    name = variable.format(("HTTPS" if tls else "HTTP") if variable.endswith("PROXY") else "https" if tls else "http")
    with serving(late(*STREAM), tls=certificate.context if tls else None) as server, serving(proxy(heads)) as between:
        address = between.url.replace("http://", "http://alice:secret@")
        environment = {name: address, "SSL_CERT_FILE": str(certificate.path)}
        with upstream_with(environment) as upstream:
            assert [use(upstream, server) for _ in range(2)] == [FRAMES] * 2
    assert len(server.requests) == 2
    assert heads[0].startswith(b"CONNECT localhost:" if tls else b"POST http://localhost:")
    assert b"basic " + base64.b64encode(b"alice:secret").lower() in heads[0].lower()
    assert b"alice" not in server.requests[0]


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.example.com/v1", "http://p:1"),
        ({"https_proxy": "p:1"}, "https://api.example.com/v1", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://api.example.com/v1", None),
        ({"HTTPS_PROXY": ""}, "https://api.example.com/v1", None),
        ({"ALL_PROXY": "http://a:1", "HTTPS_PROXY": "http://p:1"}, "https://api.example.com/v1", "http://p:1"),
        ({"ALL_PROXY": "http://a:1"}, "https://api.example.com/v1", "http://a:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"}, "https://api.example.com/v1", None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": ".example.com, other"}, "https://api.example.com/v1", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"}, "https://anexample.com/v1", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://api.example.com/v1", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "localhost:8000"}, "http://localhost:8000/v1", None),
        ({}, "https://api.example.com/v1", None),
    ],
)
def test_which_hosts_have_a_proxy(environment: Mapping[str, str], url: str, proxy: str | None) -> None:
    assert proxy_of(httpx.URL(url), environment) == proxy


def test_a_proxy_that_refuses_is_told_apart() -> None:
    with serving(proxy([], refuses=True)) as between, upstream_with({"HTTPS_PROXY": between.url}) as upstream:
        error = failure(lambda: call(upstream, Server("https://localhost:1", answering(), between.listener, None)))
    assert (error.reason, error.retry) == ("proxy", False)


def silent(peer: Peer) -> None:
    """Sends one event, and no more."""
    peer.request()
    peer.send(HEAD, chunk(ONE_EVENT))
    peer.wait_for_the_end()


def test_deadlines_hold_behind_a_proxy() -> None:
    with (
        serving(silent) as server,
        serving(proxy([])) as between,
        upstream_with({"HTTP_PROXY": between.url}) as upstream,
    ):
        error = failure(lambda: read_and_close(call(upstream, server, Deadlines(idle=0.2))))
        assert error.message == "the upstream did not go on within 0.2 s"
        error = failure(lambda: read_and_close(call(upstream, server, Deadlines(total=0.3))))
        assert error.message == "the upstream did not finish within 0.3 s"


def test_a_reader_is_woken_behind_a_proxy() -> None:
    async def heard(server: Server) -> list[list[str]]:
        answer = await opened(upstream, server)
        batches = answer.batches()
        received = [await anext(batches)]
        answer.alarm.due = time.monotonic() + 0.05
        received.append(await anext(batches))
        await batches.aclose()
        await answer.close()
        return received

    with (
        serving(silent) as server,
        serving(proxy([])) as between,
        upstream_with({"HTTP_PROXY": between.url}) as upstream,
    ):
        assert run(heard(server)) == [FRAMES[:1], []]


def test_a_slow_reader_slows_its_upstream_behind_a_proxy() -> None:
    sent: list[int] = []

    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD)
        piece = chunk(b": " + b"x" * 100_000 + b"\n\n")
        while True:
            peer.send(piece)
            sent.append(len(piece))

    async def hold(server: Server) -> None:
        answer = await opened(upstream, server)
        await asyncio.sleep(0.5)
        await answer.close()

    with (
        serving(endless) as server,
        serving(proxy([])) as between,
        upstream_with({"HTTP_PROXY": between.url}) as upstream,
    ):
        run(hold(server))
        time.sleep(0.05)
    assert sum(sent) < 50_000_000


def test_a_whole_answer_comes_through() -> None:
    with (
        serving(answering(whole(b'{"choices": []}'))) as server,
        serving(proxy([])) as between,
        upstream_with({"HTTP_PROXY": between.url}) as upstream,
    ):
        assert use(upstream, server) == ['{"choices": []}']
