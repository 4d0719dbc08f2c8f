"""What a developer sees whose key has a small budget: the refusal on the screen, and the next day's first answer."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients import claude_code
from tests.clients.claude_code import Run
from tests.clients.interactive import claude
from tests.running import EDGEWAY, Gateway, Upstream, running_gateway

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

FILE = """
[providers.openai.models.gpt-5]
prices = { input = 0, output = 0, request = 0.5 }
"""
INSIDE = str(Path(__file__).parent / "inside")
DAY = 86_400
ANSWER = "Hello from the upstream"
REFUSAL = re.compile(
    r"API Error: Request rejected \(429\) · The budget of the day of \$0\.50 of this key is used up\. "
    r"It resets at \d{4}-\d\d-\d\d 00:00 UTC\. Ask the operator of this gateway for more\."
)
"""As it stands on the screen."""


@contextmanager
def frugal(upstream: Upstream, folder: Path) -> Iterator[tuple[Gateway, Path]]:
    """A gateway whose key may spend one answer a day, and the file that sets its clock ahead."""
    file, clock = folder / "own.toml", folder / "ahead"
    file.write_text(FILE)
    clock.write_text("0")
    with running_gateway(upstream, EDGEWAY_CONFIG=str(file), PYTHONPATH=INSIDE, CLOCK_AHEAD=str(clock)) as gateway:
        data = gateway.output.parent / "data"
        command = [str(EDGEWAY), "keys", "update", "development", "--budget-day", "0.50", "--data", str(data)]
        subprocess.run(command, check=True, capture_output=True)
        yield gateway, clock


def test_a_prompt_is_refused_over_budget_and_answered_on_the_next_day(
    upstream: Upstream, package: str, tmp_path: Path
) -> None:
    with frugal(upstream, tmp_path) as (gateway, clock):

        def prompted() -> Run:
            key = {"ANTHROPIC_AUTH_TOKEN": gateway.key}
            return claude_code.run(gateway, "Hello", tmp_path / "home", credentials=key, package=package)

        first, second = prompted(), prompted()
        clock.write_text(str(DAY))
        third = prompted()
        assert gateway.statuses() == [200, 429, 200]  # asked once: it does not try a refusal again
    assert [run.status for run in (first, second, third)] == [0, 1, 0]
    assert [run.result["result"] for run in (first, third)] == [ANSWER, ANSWER]
    assert REFUSAL.search(second.result["result"])
    assert len(upstream.requests()) == 2


def test_the_screen_shows_the_refusal_and_the_next_days_answer(
    upstream: Upstream, package: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with frugal(upstream, tmp_path) as (gateway, clock), claude(gateway, home, package, {}) as terminal:

        def say(words: str) -> None:
            terminal.shown.clear()
            terminal.type(words)
            terminal.until(lambda: words in terminal.text())
            terminal.type("\r")

        terminal.until(lambda: "gpt-5" in terminal.text())
        say("first")
        terminal.until(lambda: ANSWER in terminal.text())
        say("second")
        terminal.until(lambda: REFUSAL.search(terminal.text()) is not None)
        clock.write_text(str(DAY))
        say("third")
        terminal.until(lambda: ANSWER in terminal.text())
    assert len(upstream.requests()) == 2
