"""What a connection may do before anybody knows who it is: each limit is one that a stranger would try."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from edgeway.local.processes.settings import Settings
from edgeway.local.web.limits import ConnectionLimits
from tests.integration.local.conftest import PATIENCE, Gate, Running, serving, until

pytestmark = pytest.mark.anyio

LIMITS = ConnectionLimits(head_seconds=0.6, body_seconds=0.8, stalled_seconds=0.5)
HEAD = b"POST /echo/x HTTP/1.1\r\nhost: localhost\r\n"


@pytest.fixture(scope="module")
async def strict(settings: Settings) -> AsyncIterator[Running]:
    """A server without patience."""
    async with serving(replace(settings, connections=LIMITS)) as server:
        yield server


@dataclass
class Raw:
    """A connection on which a test sends what it likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def refusal(self) -> tuple[int, str, str]:
        """The status, type and message of the answer, after which the connection is closed."""
        async with asyncio.timeout(PATIENCE):
            head, _, body = (await self.reader.read()).partition(b"\r\n\r\n")
        status, document = int(head.split()[1]), json.loads(body)
        assert b"\r\nconnection: close" in head
        assert f"\r\nrequest-id: {document['request_id']}".encode() in head
        return status, document["error"]["type"], document["error"]["message"]


@asynccontextmanager
async def connected(server: Running) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()


async def echoed(raw: Raw) -> Any:
    """The event that came of a request."""
    head = await raw.reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return json.loads(await raw.reader.readexactly(int(length.split(b":")[1])))


TOO_LARGE = (431, "invalid_request_error", "The request's headers exceed 65536 bytes")


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param([HEAD, b"x: ", *[b"y" * 65536] * 2], id="one header"),
        pytest.param([HEAD, *[b"x: y\r\n" * 1000] * 12], id="many headers"),
        pytest.param([b"POST /", *[b"y" * 65536] * 2], id="the path"),
        pytest.param([b"\r\n" * 65536], id="nothing"),
    ],
)
async def test_a_giant_head_is_refused_before_it_ends(strict: Running, endless: list[bytes]) -> None:
    async with connected(strict) as raw:
        await raw.send(*endless)
        assert await raw.refusal() == TOO_LARGE


async def test_a_head_up_to_the_limit_is_taken(local: Running) -> None:
    async with connected(local) as raw:
        end = b"\r\ncontent-length: 4\r\n\r\n"
        await raw.send(HEAD + b"x: " + b"y" * (65536 - len(HEAD) - 3 - len(end)) + end + b"body")
        assert (await echoed(raw))["body"] == "body"


async def test_giant_trailers_are_refused_before_they_end(strict: Running) -> None:
    async with connected(strict) as raw:
        await raw.send(HEAD + b"transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n", *[b"x: y\r\n" * 1000] * 24)
        assert await raw.refusal() == TOO_LARGE


async def test_trailers_are_no_headers(local: Running) -> None:
    """Else a key, or what a proxy has looked at and taken out, could come in by the back door."""
    async with connected(local) as raw:
        body = b"transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nx-api-key: smuggled\r\nx-b: c\r\n\r\n"
        await raw.send(HEAD + body)
        event = await echoed(raw)
        assert event["body"] == "body"
        assert sorted(event["headers"]) == [
            "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "host", "transfer-encoding",
        ]  # fmt: skip


async def test_a_slow_head_is_refused(strict: Running) -> None:
    async with connected(strict) as raw:
        await raw.send(HEAD)
        assert await raw.refusal() == (
            408,
            "invalid_request_error",
            "The request's headers did not arrive within 0.6 seconds",
        )


async def test_a_head_that_grows_by_and_by_has_no_more_time(strict: Running) -> None:
    async with connected(strict) as raw:
        refusal = asyncio.create_task(raw.refusal())
        while not refusal.done():
            await raw.send(b"x")
            await asyncio.sleep(0.02)
        assert refusal.result()[0] in (400, 408)


async def test_the_next_head_on_a_connection_has_its_time_too(strict: Running) -> None:
    async with connected(strict) as raw:
        await raw.send(HEAD + b"content-length: 0\r\n\r\n")
        assert (await echoed(raw))["body"] is None
        await raw.send(HEAD)
        assert (await raw.refusal())[0] == 408


async def test_a_slow_answer_is_not_a_slow_head(strict: Running, gate: Gate) -> None:
    script = json.dumps({"steps": [{"send": "data: 1\n\n"}, "wait", {"send": "data: 2\n\n"}], "gate": str(gate.path)})
    async with strict.client.stream("POST", "/stream", content=script) as answer:
        await asyncio.sleep(2 * LIMITS.head_seconds)
        gate.open()
        assert (await answer.aread()) == b"data: 1\n\ndata: 2\n\n"


async def test_who_has_connected_is_served_though_the_server_stops(settings: Settings) -> None:
    """Else whoever comes while a process is replaced would be refused."""
    async with serving(settings) as server, connected(server) as raw:
        stopping = asyncio.create_task(server.server.stop(5))
        await asyncio.sleep(0)
        await raw.send(HEAD + b"content-length: 0\r\n\r\n")
        assert (await echoed(raw))["body"] is None
        assert await raw.reader.read() == b""
        await stopping


async def test_half_open_connections_are_closed(strict: Running) -> None:
    """Whoever connects and says nothing is told nothing."""
    async with connected(strict) as silent, connected(strict) as blank:
        await blank.send(b"\r\n")
        assert (await silent.reader.read(), await blank.reader.read()) == (b"", b"")


@pytest.mark.parametrize("drip", [False, True])
async def test_a_slow_body_is_refused(strict: Running, *, drip: bool) -> None:
    async with connected(strict) as raw:
        await raw.send(HEAD + b"content-length: 1000\r\n\r\nbody")
        refusal = asyncio.create_task(raw.refusal())
        while drip and not refusal.done():
            await raw.send(b"x")
            await asyncio.sleep(0.02)
        assert await refusal == (
            408,
            "invalid_request_error",
            "The request's body did not arrive within 0.8 seconds",
        )


@pytest.mark.parametrize(
    "limits", [ConnectionLimits(connections=2), ConnectionLimits(of_one_address=2)], ids=["in all", "of one address"]
)
async def test_connections_are_limited(settings: Settings, limits: ConnectionLimits) -> None:
    async with serving(replace(settings, connections=limits)) as server:
        async with connected(server) as first, connected(server) as second:
            for raw in (first, second):
                await raw.send(HEAD + b"content-length: 0\r\n\r\n")
                await echoed(raw)
            async with connected(server) as third:
                assert await third.refusal() == (
                    529,
                    "overloaded_error",
                    "Too many connections are open. Close some, or try again in a moment",
                )
        async with asyncio.timeout(PATIENCE):
            while (await server.client.get("/")).status_code != 200:  # room again, as soon as one has gone
                pass


async def test_connections_of_another_address_are_not_limited_with_it(settings: Settings) -> None:
    limited = replace(settings, connections=ConnectionLimits(of_one_address=1))
    async with serving(limited) as server, connected(server) as first:
        await first.send(HEAD + b"content-length: 0\r\n\r\n")
        await echoed(first)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=("127.0.0.2", 0))
        writer.write(HEAD + b"content-length: 0\r\n\r\n")
        assert (await echoed(Raw(reader, writer)))["requestContext"]["identity"]["sourceIp"] == "127.0.0.2"
        writer.close()


async def test_a_reader_that_reads_nothing_is_cut_off(strict: Running, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    script = json.dumps({"steps": [{"event_of": 100_000}] * 100, "farewell": str(farewell)}).encode()
    with socket.create_connection(("127.0.0.1", strict.port)) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.sendall(b"POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(script), script))
        await until(farewell.exists)  # 10 MB, of which the caller has read nothing


async def test_a_reader_that_reads_slowly_is_not(strict: Running, tmp_path: Path) -> None:
    script = json.dumps({"steps": [{"event_of": 100_000}] * 20}).encode()
    async with connected(strict) as raw:
        await raw.send(b"POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(script), script))
        received = 0
        while received < 2_000_000:
            await asyncio.sleep(0.02)
            received += len(await raw.reader.read(100_000))


async def test_a_slow_reader_holds_a_stated_number_of_bytes(local: Running, tmp_path: Path) -> None:
    """What has left the function and not reached the reader: 64 KB here, and the kernel's buffers of both sides."""
    farewell = tmp_path / "farewell"
    script = json.dumps({"steps": [{"event_of": 10_000}] * 1000, "farewell": str(farewell)}).encode()
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        caller.connect(("127.0.0.1", local.port))
        caller.sendall(b"POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(script), script))
        for _ in range(20):  # all the time that the function needs to run ahead
            assert (await local.client.get("/")).status_code == 200
    await until(farewell.exists)
    assert 100_000 < int(farewell.read_text()) * 10_000 < 1_000_000
