from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edgeway.local.processes.settings import Settings
from edgeway.local.web.limits import Limits
from tests.integration.local.conftest import Gate, Running, serving, until

pytestmark = pytest.mark.anyio

EVENT = "data: 1\n\n"


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Running]:
    """A server that gives one answer at a time, and lets one caller wait."""
    async with serving(replace(settings, limits=Limits(streams=1, waiting=1))) as server:
        yield server


@asynccontextmanager
async def busy(server: Running, gate: Gate) -> AsyncIterator[None]:
    """A stream that has begun, and ends with the block."""
    async with server.stream(steps=[{"send": EVENT}, "wait"], gate=str(gate.path)) as answer:
        chunks = answer.aiter_text()
        await anext(chunks)
        yield
        gate.open()
        assert [chunk async for chunk in chunks] == []


async def test_callers_wait_and_the_rest_is_refused(narrow: Running, gate: Gate) -> None:
    async with busy(narrow, gate):
        waiting = [asyncio.create_task(narrow.post(steps=[{"send": EVENT}])) for _ in range(2)]
        (refused_at_once,), (still_waiting,) = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        refused = refused_at_once.result()
        assert (refused.status_code, refused.headers["retry-after"]) == (529, "10")
        assert refused.json()["error"] == {
            "type": "overloaded_error",
            "message": "Too many requests run at the same time. Try again in a moment",
        }
    assert (await still_waiting).text == EVENT


async def test_other_functions_are_not_waited_for(narrow: Running, gate: Gate) -> None:
    """A load balancer's health check is one of them."""
    async with busy(narrow, gate):
        assert (await narrow.client.get("/")).status_code == 200


async def test_a_caller_does_not_wait_for_ever(settings: Settings, gate: Gate) -> None:
    async with serving(replace(settings, limits=Limits(streams=1, wait=0.2))) as server:
        async with busy(server, gate):
            assert (await server.post(steps=[])).status_code == 529
        assert (await server.post(steps=[{"send": EVENT}])).text == EVENT


async def test_a_caller_who_hangs_up_while_he_waits_is_forgotten(narrow: Running, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    async with busy(narrow, gate):
        _, writer = await asyncio.open_connection("127.0.0.1", narrow.port)
        script = b'{"steps": [], "farewell": "%b"}' % str(farewell).encode()
        writer.write(b"POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(script), script))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await narrow.line("---  POST /stream")
    assert (await narrow.post(steps=[{"send": EVENT}])).text == EVENT
    assert not farewell.exists()


async def test_settling_is_not_cancelled_by_the_end_of_the_server(
    settings: Settings, gate: Gate, tmp_path: Path
) -> None:
    """The hang-up has cancelled the request already; what that has left to do is done."""
    begun, settled = tmp_path / "begun", tmp_path / "settled"
    after = [{"touch": str(begun)}, "wait", {"touch": str(settled)}]
    async with serving(settings) as server:
        async with server.stream(steps=[{"send": EVENT}, "wait"], after=after, gate=str(gate.path)) as answer:
            assert await anext(answer.aiter_text()) == EVENT
        await until(begun.exists)
        stopping = asyncio.create_task(server.server.stop(0))
        await asyncio.sleep(0.05)  # it has told everybody by now
        gate.open()
        await stopping
    assert settled.exists()


async def test_running_requests_are_told_when_the_server_stops(settings: Settings, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    script = {"gate": str(gate.path), "farewell": str(farewell)}
    async with serving(settings) as server, server.stream(steps=[{"send": EVENT}, "wait"], **script) as answer:
        chunks = answer.aiter_text()
        assert await anext(chunks) == EVENT
        await server.server.stop(0)
        assert "shutting down" in "".join([chunk async for chunk in chunks])
    assert farewell.exists()
