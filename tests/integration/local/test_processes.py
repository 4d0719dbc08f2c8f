"""The processes of the command: what becomes of requests when one of them dies, is replaced or is told to end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import STDOUT
from typing import Any

import httpx
import psutil
import pytest

from tests.integration.local.conftest import TEMPLATE, Gate, lives, until, until_gone
from tests.running import ADDRESS

pytestmark = pytest.mark.anyio

OLD = "data: old\n\n"


@dataclass
class Command:
    """`edgeway local` over a template, and a client that calls it."""

    process: asyncio.subprocess.Process
    client: httpx.AsyncClient
    output: Path

    @property
    def log(self) -> str:
        return self.output.read_text()

    async def line(self, part: str) -> None:
        await until(lambda: part in self.log)

    async def post(self, **script: Any) -> httpx.Response:
        return await self.client.post("/stream", json=script)

    async def processes(self, number: int) -> list[psutil.Process]:
        """The processes that serve, once there are so many."""

        def serving() -> list[psutil.Process]:
            return psutil.Process(self.process.pid).children()

        await until(lambda: len(serving()) == number)
        return serving()


@asynccontextmanager
async def running(folder: Path, template: Path, *options: str, **environment: str) -> AsyncIterator[Command]:
    output = folder / "output.txt"
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    variables = {**inherited, "HOME": str(folder), "OPENAI_API_KEY": "sk-none", **environment}
    arguments = ["--port", "0", "--template", str(template), "--data", str(folder / "data"), "--key", "a-key-of-ours"]
    with output.open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edgeway", "local", *arguments, *options),
            cwd=folder, env=variables, stdout=log, stderr=STDOUT,
        )  # fmt: skip
    try:
        await until(lambda: "Other clients" in output.read_text() or process.returncode is not None)
        (url,) = set(ADDRESS.findall(output.read_text()))
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            yield Command(process, client, output)
    finally:
        was_killed = process.returncode is not None
        if not was_killed:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == (-signal.SIGKILL if was_killed else 0)


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Command]:
    async with running(tmp_path, TEMPLATE, "--no-reload") as command:
        yield command


async def serving_process(command: Command, gate: Gate) -> tuple[httpx.Response, AsyncIterator[str], int]:
    """Open a stream that waits at its gate; return it with the process that serves it."""
    request = command.client.build_request(
        "POST", "/stream", json={"steps": ["process", "wait"], "gate": str(gate.path)}
    )
    answer = await command.client.send(request, stream=True)
    chunks = answer.aiter_text()
    return answer, chunks, int((await anext(chunks)).removeprefix("data: "))


async def test_a_process_that_is_killed_ends_its_own_requests_only(tmp_path: Path, gates: list[Gate]) -> None:
    async with running(tmp_path, TEMPLATE, "--no-reload", "--processes", "2") as command:
        streams: list[tuple[httpx.Response, AsyncIterator[str], int]] = []
        while len({process for *_, process in streams}) < 2:
            streams.append(await serving_process(command, gates[len(streams)]))
        doomed = streams[0][2]
        os.kill(doomed, signal.SIGKILL)
        for number, (answer, chunks, process) in enumerate(streams):
            if process == doomed:
                with pytest.raises(httpx.RemoteProtocolError):
                    await anext(chunks)
            else:
                gates[number].open()
                assert [chunk async for chunk in chunks] == []
            await answer.aclose()
        await command.line("server: a process ended with signal SIGKILL; another one starts in 0.1 s")
        assert doomed not in [process.pid for process in await command.processes(2)]
        assert (await command.post(steps=[{"send": OLD}])).text == OLD


async def test_a_process_that_dies_alone_is_started_again(one: Command) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await one.post(steps=["die"])
    assert (await one.post(steps=[{"send": OLD}])).text == OLD  # it waits in the queue of the socket meanwhile


async def test_no_process_outlives_a_server_that_is_killed(one: Command) -> None:
    (process,) = await one.processes(1)
    one.process.kill()
    await one.process.wait()
    await until_gone(process.pid)


async def test_a_summary_becomes_the_line_of_its_request(one: Command) -> None:
    await one.client.get("/echo/summarised")
    await one.client.get("/echo/printed")
    await one.line("200  GET /echo/printed")
    lines = one.log.splitlines()
    summary = "200  gpt-5 → openai/gpt-5  2,200 in (1,000 cached) 34 out  $0.0020  first event 1 ms  3.46 s  end_turn"
    assert lines.count(summary) == 1
    assert "WholeFunction: said by the function" in lines
    assert not any("GET /echo/summarised" in line for line in lines)


async def test_what_all_processes_have_served_is_said_at_the_end(tmp_path: Path) -> None:
    async with running(tmp_path, TEMPLATE, "--no-reload", "--processes", "2") as command:
        for _ in range(3):
            async with httpx.AsyncClient(base_url=command.client.base_url) as client:  # whichever process accepts it
                await client.get("/echo/summarised")
    assert command.log.splitlines()[-2:] == [
        "Stopped.",
        "  openai/gpt-5  3 requests  6,600 in (3,000 cached)  102 out  $0.005895",
    ]


async def test_the_failure_of_a_function_is_logged_without_what_it_says(one: Command) -> None:
    assert (await one.client.get("/echo/failing")).status_code == 500
    await one.line("the handler failed")
    assert '"errorType": "ValueError"' in one.log
    assert "user's own" not in one.log


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux counts shared pages once")
async def test_one_process_at_rest_takes_little_memory(one: Command) -> None:
    """A function of the tests' own; `make bench` measures those of the product."""
    tree = [psutil.Process(one.process.pid), *await one.processes(1)]
    assert sum(process.memory_full_info().pss for process in tree) < 80 * 2**20


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the test's cloud, to be changed."""
    project = tmp_path / "project"
    shutil.copytree(TEMPLATE.parent / "functions", project / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    layers = str(TEMPLATE.parents[3] / "layers")
    (project / "template.yaml").write_text(TEMPLATE.read_text().replace("../../../layers", layers))
    (project / "edgeway.toml").touch()
    return project


@pytest.fixture
async def changing(tmp_path: Path, project: Path) -> AsyncIterator[Command]:
    async with running(tmp_path, project / "template.yaml", EDGEWAY_CONFIG=str(project / "edgeway.toml")) as command:
        yield command


async def anew(command: Command, path: str, *, script: Mapping[str, Any] | None = None) -> httpx.Response:
    """GET ``path`` over a connection of its own: a process that is replaced closes those that it kept.

    With a script it is a POST.
    """
    async with httpx.AsyncClient(base_url=command.client.base_url, trust_env=False, timeout=60) as client:
        return await client.request("GET" if script is None else "POST", path, json=script)


async def test_a_change_is_served_while_older_requests_finish(changing: Command, project: Path, gate: Gate) -> None:
    answer, chunks, before = await serving_process(changing, gate)
    source = project / "functions" / "stream" / "app.py"
    source.write_text(source.read_text().replace('"x-function": "stream"', '"x-function": "changed"'))
    while (await anew(changing, "/stream", script={"steps": []})).headers["x-function"] != "changed":
        pass
    gate.open()
    assert [chunk async for chunk in chunks] == []
    await answer.aclose()
    await until_gone(before)


async def test_no_request_is_refused_while_processes_are_replaced(changing: Command, project: Path) -> None:
    (before,) = await changing.processes(1)
    (project / "edgeway.toml").write_text("# another\n")
    while lives(before.pid):
        assert (await anew(changing, "/")).status_code == 200


async def test_a_function_that_could_not_be_imported_recovers(changing: Command, project: Path) -> None:
    assert (await anew(changing, "/unusable")).status_code == 500
    (project / "functions" / "unusable" / "app.py").write_text('def handler(event, context): return {"body": "fine"}')
    while (await anew(changing, "/unusable")).status_code != 200:
        pass


async def test_the_template_may_change_too(changing: Command, project: Path) -> None:
    template = project / "template.yaml"
    good = template.read_text()
    template.write_text("Resources: [")
    await changing.line("template: ")
    assert (await anew(changing, "/echo/x")).status_code == 200
    template.write_text(good.replace("/echo/", "/reflect/"))
    while (await anew(changing, "/reflect/x")).status_code != 200:
        pass
    assert (await anew(changing, "/echo/x")).status_code == 404
