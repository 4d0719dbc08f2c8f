"""The real Claude Code on a model of Responses that refuses a request in which its reasoning is not as it was."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Claude
from tests.running import Upstream
from tests.upstreams.keeper import KEEPER, TURNS

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

STREAM = ("--output-format", "stream-json", "--verbose")


def test_thirty_turns_and_a_compaction_lose_no_reasoning(claude: Claude, upstream: Upstream) -> None:
    ran = claude("Make thirty turns.", *STREAM, ANTHROPIC_MODEL=f"openai/hostile/{KEEPER}")
    assert (ran.status, ran.result["result"]) == (0, "All turns are made.")
    uses, results = ran.blocks("tool_use"), ran.blocks("tool_result")
    assert len(uses) == 2 * TURNS
    assert sorted(use["id"] for use in uses) == sorted(result["tool_use_id"] for result in results)
    assert {f"{turn}-{number}" for turn in range(TURNS) for number in (0, 1)} == {
        str(result["content"]).strip() for result in results
    }
    bodies = [request["body"] for request in upstream.requests() if "tools" in request["body"]]
    # A turn, one that was too long, its summary, and the last; more would be requests that were refused.
    assert TURNS + 2 <= len(bodies) <= TURNS + 3
    assert max(sum(item.get("type") == "reasoning" for item in body["input"]) for body in bodies) >= 14
