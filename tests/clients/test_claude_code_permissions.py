"""Auto mode, which Claude Code is in by default: its check is the official API's, unless the client asks a model."""

from __future__ import annotations

import pytest

from tests.clients.claude_code import CURRENT
from tests.clients.conftest import Claude
from tests.running import Upstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120), pytest.mark.parametrize("package", [CURRENT])]

OPTIONS = ("--permission-mode", "auto", "--output-format", "stream-json", "--verbose")
COMMAND = "python3 -c pass && python3 --version"
RUN = f"Run it. [[play:run]] [[command:{COMMAND}]]"


def test_behind_a_gateway_it_refuses_what_it_would_check(claude: Claude, upstream: Upstream) -> None:
    ran = claude(RUN, *OPTIONS)
    assert [denied["tool_name"] for denied in ran.result["permission_denials"]] == ["Bash"]
    [result] = ran.blocks("tool_result")
    assert "Auto mode is unavailable" in result["content"]
    assert len(upstream.requests()) == 2


def test_it_may_ask_the_gateways_own_model(claude: Claude, upstream: Upstream) -> None:
    ran = claude(RUN, *OPTIONS, CLAUDE_CODE_AUTO_MODE_SERVER="0")
    assert ran.result["permission_denials"] == []
    [result] = ran.blocks("tool_result")
    assert result["content"].startswith("Python 3.")
    first, check, last = (request["body"] for request in upstream.requests())
    assert [body["model"] for body in (first, check, last)] == ["gpt-5", "gpt-5-mini", "gpt-5"]
    assert COMMAND in str(check["messages"])
