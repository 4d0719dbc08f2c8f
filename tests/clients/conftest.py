"""One upstream and one gateway for all clients, and a record of what was run, printed at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients import claude_code
from tests.clients.claude_code import CURRENT, NODE20, Run
from tests.running import Gateway, Upstream
from tests.serving import gateway, serving, upstream

__all__ = ["gateway", "serving", "upstream"]

REPORT = pytest.StashKey[list[str]]()
CREDENTIALS = {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"}
Claude = Callable[..., Run]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[REPORT]:
        terminalreporter.section("real clients")
        for package in (CURRENT, NODE20):
            terminalreporter.write_line(f"{package}: {claude_code.version(package)}")
        for line in config.stash[REPORT]:
            terminalreporter.write_line(line)


@pytest.fixture(params=[CURRENT, NODE20])
def package(request: pytest.FixtureRequest) -> str:
    """Which of the installed versions."""
    name: str = request.param
    return name


@pytest.fixture
def claude(
    upstream: Upstream, gateway: Gateway, package: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Claude:
    """Runs Claude Code with a prompt, by default with the gateway's key as ANTHROPIC_AUTH_TOKEN."""

    def run(prompt: str, *options: str, **variables: str) -> Run:
        given = {"ANTHROPIC_AUTH_TOKEN": gateway.key} if variables.keys().isdisjoint(CREDENTIALS) else {}
        ran = claude_code.run(gateway, prompt, tmp_path, *options, credentials={**given, **variables}, package=package)
        asked = len(upstream.requests())
        request.config.stash[REPORT].append(f"{request.node.name}: {asked} upstream requests, {ran.seconds:.1f} s")
        return ran

    return run
