"""The real Claude Code on Bedrock: signed requests, ids of the Region, what Bedrock refuses taken out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import claude_code
from tests.clients.claude_code import CURRENT
from tests.running import running_gateway
from tests.upstreams.running import BedrockStandIn, running_bedrock

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120)]


@pytest.fixture
def stand_in() -> Iterator[BedrockStandIn]:
    with running_bedrock() as running:
        yield running


@pytest.mark.parametrize("model", ["claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"])
def test_claude_code_on_bedrock(stand_in: BedrockStandIn, model: str, tmp_path: Path) -> None:
    with running_gateway(stand_in, **stand_in.environment()) as gateway:
        variables = {"ANTHROPIC_AUTH_TOKEN": gateway.key, "ANTHROPIC_MODEL": model}
        ran = claude_code.run(gateway, "Say hello.", tmp_path, credentials=variables, package=CURRENT)
    answer = "eu.anthropic.claude-haiku-4-5-20251001-v1:0 at runtime"
    assert (ran.status, ran.result["result"]) == (0, answer)
    asked = stand_in.asked()[-1]
    assert asked["path"] == "/runtime/anthropic/v1/messages?beta=true"
    assert any("cache_control" in block for block in asked["body"]["system"])
