"""No change of the source is missed: not the first moment's, not one that comes while processes are replaced."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from edgeway.local.processes.reload import reloading
from edgeway.local.processes.settings import Settings

pytestmark = pytest.mark.anyio

TEMPLATE: Final = "Resources: {}\n"


class Server:
    """Counts how often it is replaced; the first time somebody saves a file meanwhile."""

    def __init__(self, source: Path) -> None:
        self.replaced: asyncio.Queue[int] = asyncio.Queue()
        self._source = source
        self._times = 0

    async def replace(self) -> None:
        self._times += 1
        if self._times == 1:
            self._source.write_text("# saved while processes are replaced\n")
        self.replaced.put_nowait(self._times)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "edgeway.toml").touch()
    return Settings(
        template=tmp_path / "template.yaml", operator={"EDGEWAY_CONFIG": str(tmp_path / "edgeway.toml")}, forced={}
    )


async def test_changes_at_once_and_while_processes_are_replaced_are_seen(tmp_path: Path, settings: Settings) -> None:
    source = tmp_path / "edgeway.toml"
    server = Server(source)
    async with reloading(server, settings, lambda origin, line: pytest.fail(f"{origin}: {line}")):
        source.write_text("# saved at once\n")
        assert [await asyncio.wait_for(server.replaced.get(), 60) for _ in range(2)] == [1, 2]
