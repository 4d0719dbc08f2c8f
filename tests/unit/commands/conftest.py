"""Fixtures: the command line, run in this process, against a stack that moto plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.unit.aws import stacks

Edgeway = Callable[..., Result]


@pytest.fixture
def account() -> Iterator[None]:
    with stacks.empty_account():
        yield


@pytest.fixture
def stack(account: None) -> str:
    stacks.deploy()
    return stacks.NAME


@pytest.fixture
def command() -> Callable[..., Result]:
    """Runs a typer app with words of a command line."""

    def run(app: Any, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, [*words], input=typed)

    return run


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of a local gateway."""
    monkeypatch.delenv("EDGEWAY_STORE", raising=False)
    monkeypatch.delenv("EDGEWAY_STACK", raising=False)
    return tmp_path / "data"
