from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from edgeway.local.settings import Settings
from tests.integration.local.conftest import Gate, Running, lives, serving, until, until_gone

pytestmark = pytest.mark.anyio

EVENT = "data: 1\n\n"


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Running]:
    """A server with one worker for each function, and room for one caller more."""
    limits = replace(settings.limits, workers=1, waiting=1)
    async with serving(replace(settings, limits=limits)) as server:
        yield server


async def test_a_warm_worker_serves_again(narrow: Running) -> None:
    first, second = await narrow.post(steps=["worker"]), await narrow.post(steps=["worker"])
    assert first.text == second.text


async def test_callers_wait_for_a_worker_and_the_rest_is_refused(narrow: Running, gate: Gate, tmp_path: Path) -> None:
    async with narrow.stream(steps=[{"send": EVENT}, "wait"], gate=str(gate.path)) as busy:
        chunks = busy.aiter_text()
        await anext(chunks)
        waiting = [asyncio.create_task(narrow.post(steps=[{"send": EVENT}])) for _ in range(2)]
        (refused_at_once,), (still_waiting,) = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        refused = refused_at_once.result()
        assert refused.status_code == 529
        assert refused.json()["error"]["type"] == "overloaded_error"
        assert refused.headers["retry-after"] == "10"
        gate.open()
        assert [chunk async for chunk in chunks] == []
    assert (await still_waiting).text == EVENT


async def test_a_caller_does_not_wait_for_ever(settings: Settings, gate: Gate) -> None:
    limits = replace(settings.limits, workers=1, wait=0.2)
    async with serving(replace(settings, limits=limits)) as server:
        async with server.stream(steps=[{"send": EVENT}, "wait"], gate=str(gate.path)) as busy:
            chunks = busy.aiter_text()
            await anext(chunks)
            assert (await server.post(steps=[])).status_code == 529
            gate.open()
            assert [chunk async for chunk in chunks] == []
        assert (await server.post(steps=[{"send": EVENT}])).text == EVENT


async def test_a_caller_who_hangs_up_while_he_waits_is_forgotten(narrow: Running, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    async with narrow.stream(steps=[{"send": EVENT}, "wait"], gate=str(gate.path)) as busy:
        chunks = busy.aiter_text()
        await anext(chunks)
        _, writer = await asyncio.open_connection("127.0.0.1", narrow.port)
        script = b'{"steps": [], "farewell": "%b"}' % str(farewell).encode()
        writer.write(b"POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(script), script))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await narrow.line("---  POST /stream")
        gate.open()
        assert [chunk async for chunk in chunks] == []
    assert (await narrow.post(steps=[{"send": EVENT}])).text == EVENT
    assert not farewell.exists()


async def test_a_fork_server_that_is_killed_is_started_again(narrow: Running) -> None:
    worker = int((await narrow.post(steps=["worker"])).text.removeprefix("data: "))
    fork_server = psutil.Process(worker).ppid()
    os.kill(fork_server, signal.SIGKILL)
    await until_gone(worker)  # no worker outlives its fork server
    await narrow.line("StreamFunction: its fork server ended with signal SIGKILL")
    assert (await narrow.post(steps=[{"send": EVENT}])).text == EVENT


async def test_idle_workers_above_a_few_retire(settings: Settings, gates: list[Gate]) -> None:
    limits = replace(settings.limits, idle_workers=1, idle=0.1)
    async with serving(replace(settings, limits=limits)) as server:
        calls = [asyncio.create_task(server.post(steps=["worker", "wait"], gate=str(gate.path))) for gate in gates[:3]]
        for gate in gates:
            gate.open()
        workers = {int(answer.text.removeprefix("data: ")) for answer in await asyncio.gather(*calls)}
        await until(lambda: sum(lives(worker) for worker in workers) == 1)
        assert (await server.post(steps=[{"send": EVENT}])).text == EVENT


async def test_running_requests_are_told_when_the_server_stops(settings: Settings, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    script = {"gate": str(gate.path), "farewell": str(farewell)}
    async with serving(settings) as server, server.stream(steps=["worker", "wait"], **script) as answer:
        chunks = answer.aiter_text()
        worker = int((await anext(chunks)).removeprefix("data: "))
        stopping = asyncio.create_task(server.server.stop(0))
        assert "shutting down" in "".join([chunk async for chunk in chunks])
        await stopping
    await until(farewell.exists)
    assert not lives(worker)
