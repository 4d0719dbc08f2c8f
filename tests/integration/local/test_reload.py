from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from edgeway.local.reload import reloading
from edgeway.local.settings import Settings
from tests.integration.local.conftest import TEMPLATE, Gate, Running, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the test's cloud, to be changed."""
    project = tmp_path / "project"
    shutil.copytree(TEMPLATE.parent / "functions", project / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    layers = str(TEMPLATE.parents[3] / "layers")
    (project / "template.yaml").write_text(TEMPLATE.read_text().replace("../../../layers", layers))
    return project


@pytest.fixture
async def changing(settings: Settings, project: Path) -> AsyncIterator[Running]:
    (project / "edgeway.toml").touch()
    operator = {**settings.operator, "EDGEWAY_CONFIG": str(project / "edgeway.toml")}
    changeable = replace(settings, template=project / "template.yaml", operator=operator)
    async with serving(changeable) as server, reloading(server.server):
        yield server


async def test_a_change_is_served_while_older_requests_finish(changing: Running, project: Path, gate: Gate) -> None:
    steps = ["worker", "wait", {"send": "data: old\n\n"}]
    async with changing.stream(steps=steps, gate=str(gate.path)) as old:
        chunks = old.aiter_text()
        await anext(chunks)
        source = project / "functions" / "stream" / "app.py"
        source.write_text(source.read_text().replace('"x-function": "stream"', '"x-function": "changed"'))
        while (await changing.post(steps=[])).headers["x-function"] != "changed":
            pass
        gate.open()
        assert [chunk async for chunk in chunks] == ["data: old\n\n"]


async def test_a_function_that_could_not_be_imported_recovers(changing: Running, project: Path) -> None:
    assert (await changing.client.get("/unusable")).status_code == 500
    (project / "functions" / "unusable" / "app.py").write_text('def handler(event, context): return {"body": "fine"}')
    await changing.until_answered("/unusable", 200)


async def test_the_template_may_change_too(changing: Running, project: Path) -> None:
    template = project / "template.yaml"
    good = template.read_text()
    template.write_text("Resources: [")
    await changing.line("template: ")
    assert (await changing.client.get("/echo/x")).status_code == 200
    template.write_text(good.replace("/echo/", "/reflect/"))
    await changing.until_answered("/reflect/x", 200)
    assert (await changing.client.get("/echo/x")).status_code == 404


async def test_the_operators_file_is_read_again(changing: Running, project: Path) -> None:
    async def worker() -> str:
        return (await changing.post(steps=["worker"])).text

    before = await worker()
    (project / "edgeway.toml").write_text("# another\n")
    while await worker() == before:
        pass
