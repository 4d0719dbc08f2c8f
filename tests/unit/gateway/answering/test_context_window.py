"""A request never asks for more than its prompt leaves of a window that is known, as far as our estimate tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from translator.traits import Traits

from tests.unit.gateway.fakes import FakeAnswer, FakeMemory, Harness, fine

SMALL = Traits(context_window=16_000)
LONG = [{"role": "user", "content": "word " * 8_000}]
"""About 8,000 tokens: OpenAI's vocabulary has a token for each."""
TOO_MUCH = "`max_tokens` exceed context limit: 15000 + 4096 > 16000"


def limits(harness: Harness) -> list[int]:
    return [call.body["max_tokens"] for call in harness.upstream.calls]


def ask(harness: Harness, **changes: Any) -> str | None:
    """The fields that were dropped for it."""
    answer = harness.ask(model="gpt-5", **changes)
    assert answer.status == 200
    return answer.headers.get("x-edgeway-dropped")


@pytest.mark.failure_mode(19)
def test_the_limit_is_lowered_to_what_is_left_and_that_is_told() -> None:
    harness = Harness([fine()], traits=SMALL)
    assert ask(harness, messages=LONG, max_tokens=10_000) == "max_tokens"
    (limit,) = limits(harness)
    assert 7_900 < limit < 8_000
    assert harness.memory == FakeMemory()


@pytest.mark.failure_mode(19)
def test_a_prompt_that_leaves_enough_changes_nothing() -> None:
    harness = Harness([fine(), fine()], traits=SMALL)
    assert ask(harness, max_tokens=10_000) is None
    assert ask(harness, messages=LONG, max_tokens=7_000) is None
    assert limits(harness) == [10_000, 7_000]


@pytest.mark.failure_mode(19)
def test_an_estimate_refuses_nobody() -> None:
    """It may be too high: the upstream decides, and what it says of the room is exact."""
    refused = FakeAnswer([], 400, body=json.dumps({"error": {"message": TOO_MUCH}}).encode())
    harness = Harness([refused, fine()], traits=SMALL)
    assert ask(harness, messages=[{"role": "user", "content": "word " * 20_000}], max_tokens=10_000) == "max_tokens"
    assert limits(harness) == [4_096, 1_000]
