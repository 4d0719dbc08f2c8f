"""The real Claude Code's prompt cache is as good through the gateway as without it: twenty turns, a sub-agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients import claude_code
from tests.clients.claude_code import CURRENT, NODE20, Run
from tests.running import Gateway, running_gateway
from tests.upstreams.running import ClaudeStandIn, Received, running_claude

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

STREAM = ("--output-format", "stream-json", "--verbose")
DIRECT, OPERATORS = "key-of-who-asks-directly", "key-of-the-operator"
TURNS = 20
AGENT = {CURRENT: "Agent", NODE20: "Task"}


def session(gateway: Gateway, key: str, folder: Path, package: str) -> Run:
    """One session; its folder's name is as long as every other's, since prompts hold it."""
    variables = {"ANTHROPIC_API_KEY": key, "ANTHROPIC_MODEL": "claude-sonnet-5"}
    prompt = f"Make the turns. [[session:{TURNS}:{AGENT[package]}]]"
    return claude_code.run(gateway, prompt, folder, *STREAM, credentials=variables, package=package)


def share(asked: Sequence[Received]) -> float:
    """Of all tokens of the prompts, those that came from the cache."""
    cached: int = sum(map(read, asked))
    rest = ("input_tokens", "cache_creation_input_tokens")
    others: int = sum(each.usage[kind] for each in asked for kind in rest)
    return cached / (cached + others)


def read(request: Received) -> int:
    """The tokens that came from the cache."""
    cached: int = request.usage["cache_read_input_tokens"]
    return cached


@pytest.mark.parametrize("package", [CURRENT, NODE20])
def test_the_share_of_cached_tokens_is_that_without_a_gateway(package: str, tmp_path: Path) -> None:
    with running_claude() as stand_in, running_gateway(stand_in, **stand_in.environment(OPERATORS)) as gateway:
        direct = session(replace(gateway, url=stand_in.url), DIRECT, tmp_path / "direct", package)
        through = session(gateway, gateway.key, tmp_path / "gatewa", package)
        asked = {key: answered(stand_in, key) for key in (DIRECT, OPERATORS)}
    for ran in (direct, through):
        assert (ran.status, ran.result["result"]) == (0, f"All {TURNS} turns are made.")
    shares = [share(asked[key]) for key in (DIRECT, OPERATORS)]
    assert shares[0] > 0.9
    # A sub-agent in the background reports a turn sooner or later: that alone moves the share, by far less than this.
    assert shares[1] == pytest.approx(shares[0], abs=0.005)
    assert [len(requests) for requests in asked.values()] == [TURNS + 8] * 2
    # The session's first request, and the sub-agent's: every other one finds what the one before it has left.
    assert [[read(each) for each in requests].count(0) for requests in asked.values()] == [2, 2]


def answered(stand_in: ClaudeStandIn, key: str) -> list[Received]:
    """The requests of which models have answered."""
    return [each for each in stand_in.asked(key) if each.usage]
