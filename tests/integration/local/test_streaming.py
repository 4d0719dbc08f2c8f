from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.local.conftest import Gate, Running, until

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


async def test_twenty_slow_streams_run_at_the_same_time(local: Running, gates: list[Gate]) -> None:
    ready = asyncio.Barrier(len(gates) + 1)

    async def call(gate: Gate) -> None:
        async with local.stream(steps=[{"send": ONE}, "wait", {"send": TWO}], gate=str(gate.path)) as answer:
            chunks = answer.aiter_text()
            assert await anext(chunks) == ONE
            await ready.wait()
            assert [chunk async for chunk in chunks] == [TWO]

    calls = [asyncio.create_task(call(gate)) for gate in gates]
    await ready.wait()
    for gate in gates:
        gate.open()
    await asyncio.gather(*calls)


async def test_interleaved_callers_get_what_is_theirs(local: Running, gates: list[Gate]) -> None:
    """One task is as good as a process of one's own: at every await the others go on."""
    rounds = 3

    async def call(number: int, gate: Gate) -> tuple[str, str]:
        mine = f"data: {number}\n\n"
        steps = [{"send": mine}, *["wait", {"send": mine}] * rounds, "fail"]
        async with local.stream(steps=steps, gate=str(gate.path)) as answer:
            read = ""
            async for text in answer.aiter_text():
                read += text
                gate.open()
        own, _, error = read.partition("event: error")
        assert own == mine * (rounds + 1)
        return answer.headers["x-function"], json.loads(error.partition("data: ")[2])["request_id"]

    told = await asyncio.gather(*(call(number, gate) for number, gate in enumerate(gates)))
    assert len({request_id for _, request_id in told}) == len(gates)


async def test_only_whole_events_are_forwarded(local: Running, gate: Gate) -> None:
    steps = [{"send": ONE + "event: t"}, "wait", {"send": "wo\ndata: 2\n\n"}]
    async with local.stream(steps=steps, gate=str(gate.path)) as answer:
        chunks = answer.aiter_text()
        assert await anext(chunks) == ONE
        gate.open()
        assert await anext(chunks) == TWO


async def test_an_exception_before_the_answer_is_an_error_without_its_text(local: Running) -> None:
    answer = await local.post(before=["fail"], steps=[])
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "api_error"
    assert "user's own" not in answer.text


async def test_an_exception_within_the_answer_is_an_error_event(local: Running) -> None:
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
    steps = [{"send": ONE}, "wait", {"send": ONE}]
    async with local.stream(steps=steps, gate=str(gate.path), farewell=str(farewell)) as answer:
        assert await anext(answer.aiter_text()) == ONE
        assert not farewell.exists()
    await until(farewell.exists)  # the generator's `finally` has run: an upstream call would be closed
    assert not any("Traceback" in line or "failed" in line for line in local.lines)
    assert (await local.post(steps=[{"send": ONE}])).text == ONE


async def test_a_hang_up_before_the_answer_cancels_the_function(local: Running, gate: Gate) -> None:
    before = local.lines.count("---  POST /stream")
    with pytest.raises(httpx.ReadTimeout):
        await local.client.post(
            "/stream", content=json.dumps({"before": ["wait"], "gate": str(gate.path)}), timeout=0.1
        )
    await until(lambda: sum(line.startswith("---  POST /stream") for line in local.lines) == before + 1)


async def test_what_ends_a_response_is_done_though_the_caller_has_gone(
    local: Running, gate: Gate, tmp_path: Path
) -> None:
    settled = tmp_path / "settled"
    after = ["wait", {"touch": str(settled)}]
    async with local.stream(steps=[{"send": ONE}, "wait"], after=after, gate=str(gate.path)) as answer:
        assert await anext(answer.aiter_text()) == ONE
    gate.open()
    await until(settled.exists)


async def test_a_response_ends_before_it_is_settled(local: Running, gate: Gate, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    script: dict[str, Any] = {
        "steps": [{"send": ONE}],
        "closing": ["wait"],
        "gate": str(gate.path),
        "farewell": str(farewell),
    }
    assert (await local.post(**script)).text == ONE
    assert not farewell.exists()
    gate.open()
    await until(farewell.exists)


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
