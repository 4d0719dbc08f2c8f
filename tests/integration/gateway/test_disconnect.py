"""The caller hangs up: the upstream is let go at once, through the local server, the runtime and the gateway."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from tests.running import Gateway, Upstream, running_gateway

pytestmark = pytest.mark.failure_mode(40)

LIMIT = 30.0  # seconds; the scripts would go on for longer


@pytest.fixture(scope="module")
def gateway(scripted: Upstream) -> Iterator[Gateway]:
    with running_gateway(scripted) as gateway:
        yield gateway


def written(gateway: Gateway, request: Mapping[str, object]) -> bytes:
    """A request as it goes over the wire."""
    body = json.dumps({"model": "gpt-5", "max_tokens": 100, **request}).encode()
    head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {gateway.key}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def connected(gateway: Gateway) -> socket.socket:
    address = urlsplit(gateway.url)
    return socket.create_connection((address.hostname, address.port))


def hang_up(gateway: Gateway, request: Mapping[str, object], is_enough: Callable[[bytes], bool]) -> None:
    """Send a request, and close the connection when enough of the answer has come."""
    with connected(gateway) as connection:
        connection.sendall(written(gateway, request))
        connection.settimeout(0.05)
        received = b""
        until = time.monotonic() + LIMIT
        while not is_enough(received) and time.monotonic() < until:
            try:
                received += connection.recv(65_536)
            except TimeoutError:
                continue
        assert is_enough(received)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold."""
    until = time.monotonic() + LIMIT
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize(
    ("play", "stream", "heard"),
    [
        ("late-60000", True, None),
        ("late-60000", False, None),
        ("silence-60000", False, None),
        ("silence-60000", True, b"event: message_start"),
        ("pace-6000x10", True, b"event: content_block_delta"),
    ],
)
def test_a_caller_who_hangs_up(
    play: str, stream: bool, heard: bytes | None, gateway: Gateway, upstream: Upstream
) -> None:
    logged = gateway.log().count("cancelled")
    request = {"stream": stream, "messages": [{"role": "user", "content": f"[[play:{play}]]"}]}
    hang_up(gateway, request, lambda received: heard in received if heard else bool(upstream.requests()))
    assert eventually(lambda: [stream["ended"] for stream in upstream.streams()] == ["peer closed"])
    assert len(upstream.requests()) == 1
    assert eventually(lambda: gateway.log().count("cancelled") == logged + 1)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_caller_who_resets_his_connection_while_he_asks(share: float, gateway: Gateway, upstream: Upstream) -> None:
    """Whatever had arrived of the request, it is no failure of the server's, and no upstream goes on for nobody."""
    request = written(gateway, {"stream": True, "messages": [{"role": "user", "content": "[[play:pace-6000x10]]"}]})
    logged = len(gateway.log())
    for _ in range(10):  # some are reset before they have been accepted, some after
        with connected(gateway) as connection:
            connection.sendall(request[: int(len(request) * share)])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with connected(gateway) as other:
        plain = {"messages": [{"role": "user", "content": "[[play:plain]]"}]}
        other.sendall(written(gateway, plain))
        assert other.recv(65_536).startswith(b"HTTP/1.1 200 ")
    ended = {"pace-6000x10": "peer closed", "plain": "finished"}
    assert eventually(lambda: all(each["ended"] == ended[each["play"]] for each in upstream.streams()))
    assert "failed" not in gateway.log()[logged:]
