"""What only a person in front of a terminal meets: the list of models, and an answer on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.interactive import claude
from tests.running import Upstream, running_gateway

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120)]

FILE = """
[providers.anthropic-house]
name = "The house"
base_url = "{url}/v1"
allow_http = true
authentication = "none"
[providers.anthropic-house.models.house-model]
context_window = 200_000
"""


@pytest.mark.failure_mode(41)
def test_it_asks_for_the_models_and_for_an_answer(package: str, upstream: Upstream, tmp_path: Path) -> None:
    file, home = tmp_path / "own.toml", tmp_path / "home"
    file.write_text(FILE.format(url=upstream.url))
    home.mkdir()
    discovery = {
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "",  # it would keep the discovery off
        "ANTHROPIC_MODEL": "anthropic-house/house-model",
    }
    listed = home / ".claude" / "cache" / "gateway-models.json"
    with (
        running_gateway(upstream, EDGEWAY_CONFIG=str(file)) as gateway,
        claude(gateway, home, package, discovery) as terminal,
    ):
        terminal.until(lambda: "200  GET /v1/models" in gateway.log() and listed.exists())
        terminal.type("Hello")
        terminal.until(lambda: "Hello" in terminal.text())
        terminal.type("\r")
        terminal.until(lambda: "Hello from the upstream" in terminal.text())
    found = json.loads(listed.read_text())
    assert "anthropic-house/house-model" in json.dumps(found)
    assert "house-model" in {request["body"]["model"] for request in upstream.requests()}
