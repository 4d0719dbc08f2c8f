"""Options of the benchmark, and its table at the end. A goal that is missed fails the run, as an error does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeway.local.web import descriptors
from tests.bench.figures import Figure, Figures, surroundings
from tests.load.processes import FastUpstream, running_fast_upstream
from tests.running import Gateway, running_gateway, running_server

Report = Callable[[Figure], None]

KEPT = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    options = parser.getgroup("benchmark")
    options.addoption("--quick", action="store_true", help="few rounds, few streams: a look, no measurement")
    options.addoption("--figures", type=Path, metavar="FILE", help="write the figures there, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[KEPT] = Figures()


def pytest_sessionfinish(session: pytest.Session) -> None:
    missed = [figure for figure in session.config.stash[KEPT].rows if figure.is_missed]
    if missed and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash[KEPT]
    if not figures.rows:
        return
    terminalreporter.section("figures")
    for line in figures.lines():
        terminalreporter.write_line(line)
    if path := config.getoption("--figures", default=None):
        figures.write(path)


@pytest.fixture
def report(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Report:
    """Keeps a figure for the table, and prints it at once."""

    figures = request.config.stash[KEPT]
    figures.where = figures.where or surroundings()

    def say(figure: Figure) -> None:
        line = figures.add(figure)
        with capsys.disabled():
            print(f"\n{line}", end="", flush=True)  # noqa: T201 whoever runs it watches

    return say


@pytest.fixture(scope="session")
def quick(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--quick", default=False))


@pytest.fixture(scope="session")
def upstream() -> Iterator[FastUpstream]:
    descriptors.raise_limit()  # this process is the callers, thousands of them
    with running_fast_upstream() as running:
        yield running


@pytest.fixture(scope="session")
def local(upstream: FastUpstream) -> Iterator[Gateway]:
    """`edgeway local` as it starts: what a single caller has."""
    with running_gateway(upstream) as running:
        yield running


@pytest.fixture(scope="session")
def server(upstream: FastUpstream) -> Iterator[Gateway]:
    """`edgeway serve` with a process for each of two cores: what many callers have."""
    with running_server(upstream, "--processes", "2") as running:
        yield running
