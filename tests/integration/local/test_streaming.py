from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.integration.local.conftest import Gate, Running, until, until_gone

pytestmark = pytest.mark.anyio

ONE = "event: one\ndata: 1\n\n"
TWO = "event: two\ndata: 2\n\n"


async def test_every_chunk_arrives_before_the_next_is_sent(local: Running, gate: Gate) -> None:
    steps = [{"send": ONE}, "wait", {"send": TWO}, "wait", {"send": ONE}]
    async with local.stream(steps=steps, gate=str(gate.path)) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["x-function"] == "stream"
        chunks = answer.aiter_text()
        # The function goes on only when the test, which has the chunk before, opens the gate.
        assert await anext(chunks) == ONE
        gate.open()
        assert await anext(chunks) == TWO
        gate.open()
        assert [chunk async for chunk in chunks] == [ONE]


async def test_twenty_slow_streams_have_a_worker_each(local: Running, gates: list[Gate]) -> None:
    ready = asyncio.Barrier(len(gates) + 1)

    async def call(gate: Gate) -> int:
        async with local.stream(steps=["worker", "wait", {"send": TWO}], gate=str(gate.path)) as answer:
            chunks = answer.aiter_text()
            worker = await anext(chunks)
            await ready.wait()
            assert [chunk async for chunk in chunks] == [TWO]
            return int(worker.removeprefix("data: "))

    calls = [asyncio.create_task(call(gate)) for gate in gates]
    await ready.wait()  # all of them stream at the same time
    for gate in gates:
        gate.open()
    assert len(set(await asyncio.gather(*calls))) == len(gates)


async def test_only_whole_events_are_forwarded(local: Running, gate: Gate) -> None:
    steps = [{"send": ONE + "event: t"}, "wait", {"send": "wo\ndata: 2\n\n"}]
    async with local.stream(steps=steps, gate=str(gate.path)) as answer:
        chunks = answer.aiter_text()
        assert await anext(chunks) == ONE
        gate.open()
        assert await anext(chunks) == TWO


async def test_a_killed_worker_ends_its_own_stream_only(local: Running, gates: list[Gate]) -> None:
    steps = ["worker", "wait", {"send": TWO}]
    async with (
        local.stream(steps=steps, gate=str(gates[0].path)) as killed,
        local.stream(steps=steps, gate=str(gates[1].path)) as spared,
    ):
        killed_chunks, spared_chunks = killed.aiter_text(), spared.aiter_text()
        worker = int((await anext(killed_chunks)).removeprefix("data: "))
        await anext(spared_chunks)
        os.kill(worker, signal.SIGKILL)
        assert error_event("".join([chunk async for chunk in killed_chunks])) == (
            "api_error",
            "StreamFunction failed; the reason is in the server's log",
        )
        gates[1].open()
        assert [chunk async for chunk in spared_chunks] == [TWO]
    assert (await local.post(steps=[{"send": ONE}])).text == ONE
    await local.line("a worker ended with signal SIGKILL")


async def test_what_a_worker_said_before_it_died_arrives(local: Running) -> None:
    answer = await local.post(steps=[{"send": ONE}, {"send": "event: half"}, "die"])
    assert answer.text.startswith(ONE)
    assert error_event(answer.text.removeprefix(ONE))[0] == "api_error"


async def test_a_worker_that_dies_before_its_answer_is_an_error(local: Running) -> None:
    answer = await local.post(before=["die"], steps=[])
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "api_error"
    assert answer.json()["request_id"] == answer.headers["request-id"]


async def test_an_exception_before_the_answer_is_an_error_without_its_text(local: Running) -> None:
    answer = await local.post(before=["fail"], steps=[])
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "api_error"
    assert "user's own" not in answer.text


async def test_error_trailers_become_an_error_event(local: Running) -> None:
    answer = await local.post(steps=[{"send": ONE}, "fail"])
    assert answer.status_code == 200
    assert answer.text.startswith(ONE)
    assert error_event(answer.text.removeprefix(ONE))[0] == "api_error"
    assert "user's own" not in answer.text


async def test_a_body_of_another_kind_is_visibly_broken(local: Running) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await local.post(content_type="application/json", steps=[{"send": '{"half":'}, "fail"])


async def test_a_hang_up_cancels_the_function(local: Running, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    steps = ["worker", "wait", {"send": ONE}]
    async with local.stream(steps=steps, gate=str(gate.path), farewell=str(farewell)) as answer:
        worker = int((await anext(answer.aiter_text())).removeprefix("data: "))
    await until(farewell.exists)  # the generator's `finally` has run: an upstream call would be closed
    await until_gone(worker)
    assert (await local.post(steps=[{"send": ONE}])).text == ONE


async def test_a_function_that_will_not_go_is_killed(local: Running) -> None:
    async with local.stream(steps=["worker", "stay"]) as answer:
        worker = int((await anext(answer.aiter_text())).removeprefix("data: "))
    await until_gone(worker)


async def test_a_slow_reader_slows_the_function_and_loses_nothing(local: Running, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    async with local.stream(steps=[{"event_of": 1_000_000}] * 64, farewell=str(farewell)) as answer:
        chunks = answer.aiter_bytes()
        received = len(await anext(chunks))
        for _ in range(20):  # the server has all the time that it needs to read on, if it would
            assert (await local.client.get("/echo/x")).status_code == 200
        assert not farewell.exists()  # the 64 MB are in nobody's memory: the function waits for its reader
        received += sum([len(chunk) async for chunk in chunks])
    assert received == 64_000_000


async def test_an_overrun_before_the_answer_is_a_timeout(local: Running, gate: Gate) -> None:
    answer = await local.post("/slow", before=["wait"], gate=str(gate.path), steps=[])
    assert answer.status_code == 504
    assert answer.json()["error"] == {
        "type": "timeout_error",
        "message": "SlowFunction did not finish within its 1 seconds",
    }


async def test_an_overrun_within_the_answer_is_an_error_event(local: Running, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    answer = await local.post("/slow", steps=[{"send": ONE}, "wait"], gate=str(gate.path), farewell=str(farewell))
    assert answer.status_code == 200
    assert answer.text.startswith(ONE)
    assert error_event(answer.text.removeprefix(ONE))[0] == "timeout_error"
    await until(farewell.exists)


async def test_a_stream_on_a_buffered_route_is_refused_as_api_gateway_would(local: Running) -> None:
    answer = await local.post("/mistaken", steps=[{"send": ONE}])
    assert answer.status_code == 500
    assert "its route streams and the answer does not, or the reverse" in answer.json()["error"]["message"]


def error_event(text: str) -> tuple[str, str]:
    """Read the one event of the text, which is an error."""
    name, data, *end = text.split("\n")
    assert name == "event: error"
    assert end == ["", ""]
    document = json.loads(data.removeprefix("data: "))
    assert document["type"] == "error"
    assert document["request_id"].startswith("req_")
    return document["error"]["type"], document["error"]["message"]
