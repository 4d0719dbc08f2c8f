"""One gateway in containers for all tests, and what each step took, printed at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from tests.running import Gateway, Upstream
from tests.sam_local.engine import engine_answers, runtime_image
from tests.sam_local.gateway import Surroundings, running_sam_gateway

TIMINGS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TIMINGS] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[TIMINGS]:
        terminalreporter.section("sam local")
        for line in config.stash[TIMINGS]:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest) -> Iterator[str]:
    if not engine_answers():
        pytest.fail("the Docker engine does not answer: run `make sam-local`, which sees to it")
    began = time.monotonic()
    with runtime_image(os.environ["PYTHON313"]) as name:
        request.config.stash[TIMINGS].append(f"{time.monotonic() - began:5.1f} s  the image: {name}")
        yield name


@pytest.fixture(scope="session")
def serving(
    image: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Upstream, Gateway, Surroundings]]:
    began = time.monotonic()
    with running_sam_gateway(tmp_path_factory.mktemp("sam")) as served:
        request.config.stash[TIMINGS].append(f"{time.monotonic() - began:5.1f} s  until GET / is answered")
        yield served


@pytest.fixture
def upstream(serving: tuple[Upstream, Gateway, Surroundings]) -> Upstream:
    serving[0].forget()
    return serving[0]


@pytest.fixture
def gateway(serving: tuple[Upstream, Gateway, Surroundings]) -> Gateway:
    return serving[1]


@pytest.fixture
def surroundings(serving: tuple[Upstream, Gateway, Surroundings]) -> Surroundings:
    return serving[2]


@pytest.fixture(autouse=True)
def timed(request: pytest.FixtureRequest) -> Iterator[None]:
    began = time.monotonic()
    yield
    request.config.stash[TIMINGS].append(f"{time.monotonic() - began:5.1f} s  {request.node.name}")
