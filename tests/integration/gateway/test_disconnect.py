"""The caller hangs up: the upstream is let go at once, through the local server, the runtime and the gateway."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.running import Gateway, Upstream, running_gateway

pytestmark = pytest.mark.failure_mode(40)

LIMIT = 30.0  # seconds; the scripts would go on for longer


@pytest.fixture(scope="module")
def gateway(scripted: Upstream) -> Iterator[Gateway]:
    with running_gateway(scripted) as gateway:
        yield gateway


def hang_up(gateway: Gateway, request: dict[str, object], is_enough: Callable[[bytes], bool]) -> None:
    """Send a request, and close the connection when enough of the answer has come."""
    body = json.dumps({"model": "gpt-5", "max_tokens": 100, **request}).encode()
    head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {gateway.key}\r\ncontent-length: {len(body)}\r\n\r\n"
    address = urlsplit(gateway.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + body)
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
