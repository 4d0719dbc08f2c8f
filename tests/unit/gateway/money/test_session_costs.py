"""A session of Claude Code, as it was recorded, costs to the micro-dollar what a hand computation says.

The requests are those of tests/vectors/claude_code. Prices are dollars per million tokens, so micro-dollars per token.
Each sum is worked out by hand beside its request; a part of a micro-dollar counts as a whole one, once a request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from gateway.access.key_records import KeyRecord
from gateway.money.ledger import StoredLedger
from gateway.money.reports import totals_of_keys, totals_of_sessions
from gateway.money.usage import UsageRecorder, key_partition
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.resolve import Candidate
from gateway.storage.open import open_store
from gateway.storage.protocol import Store

from tests.loop import run
from tests.unit.gateway.answering.test_native import FIRST, OVER, event
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import ROLE, FakeAnswer, Harness, candidate, chunk, said
from tests.unit.gateway.money.accounts import giving, stored
from tests.unit.gateway.money.test_ledger import NOON

REQUESTS = Path(__file__).parents[3] / "vectors" / "claude_code"


def priced(made: Candidate, *prices: Prices) -> Candidate:
    return replace(made, facts=replace(unknown_model(made.provider.id, made.model), prices=prices))


CLAUDE = priced(
    candidate("claude", "sonnet", is_native=True),
    Prices(3_000_000, 15_000_000, 300_000, 3_750_000, web_search=10_000),
    Prices(6_000_000, 22_500_000, 600_000, 7_500_000, above=200_000, web_search=10_000),
)
"""An hour's write costs 8/5 of one for five minutes."""
LARGE = priced(candidate("large", "gpt"), Prices(1_250_000, 10_000_000, 125_000))
SMALL = priced(candidate("small", "nano"), Prices(50_000, 400_000, 5_000, request=100))


class Step(NamedTuple):
    """A request of the session, what is answered, and what that costs by hand."""

    request: str
    stream: bool
    candidates: Sequence[Candidate]
    answers: Sequence[FakeAnswer]
    micro_dollars: int


def by_claude(usage: Mapping[str, Any], *, stream: bool) -> FakeAnswer:
    """An answer in the Messages API, with its counts at the end."""
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    if not stream:
        return FakeAnswer([[json.dumps({**FIRST, "stop_reason": "end_turn", "usage": usage})]])
    start = event("message_start", message={**FIRST, "usage": {**usage, "output_tokens": 1}})
    return FakeAnswer([[start, event("message_delta", delta=delta, usage=usage), OVER]])


def by_gpt(prompt: int, completion: int, *, cached: int = 0, reasoning: int = 0) -> FakeAnswer:
    """An answer of chat completions, whose prompt tokens hold the cached ones."""
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
             "prompt_tokens_details": {"cached_tokens": cached},
             "completion_tokens_details": {"reasoning_tokens": reasoning}}  # fmt: skip
    return FakeAnswer([[ROLE, said("Hello"), chunk({}, "stop"), json.dumps({"choices": [], "usage": usage}), "[DONE]"]])


def counts(fresh: int, output: int, *, read: int = 0, written: int = 0, hour: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": written - hour, "ephemeral_1h_input_tokens": hour},
        **more,
    }


def claude(request: str, usage: Mapping[str, Any], micro_dollars: int, *, stream: bool = True) -> Step:
    return Step(request, stream, [CLAUDE], [by_claude(usage, stream=stream)], micro_dollars)


SEARCHED: dict[str, Any] = {"server_tool_use": {"web_search_requests": 2}}
OVERLOADED = b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'
SESSION = [
    # 412 at 0.05 = 20.6; 17 at 0.40 = 6.8; the request 100: 127.4
    Step("title", True, [SMALL], [by_gpt(412, 17)], 128),
    # 9 at 3 = 27; 3,417 at 3.75 = 12,813.75; for an hour 20,000 at 6 = 120,000; 214 at 15 = 3,210: 136,050.75
    claude("first-turn", counts(9, 214, written=23_417, hour=20_000), 136_051),
    # 3 at 3 = 9; 23,417 at 0.30 = 7,025.1; 611 at 3.75 = 2,291.25; 88 at 15 = 1,320: 10,645.35
    claude("tool-result", counts(3, 88, read=23_417, written=611), 10_646),
    # 1 at 3 = 3; 24,028 at 0.30 = 7,208.4; 1,204 at 3.75 = 4,515; 530 at 15 = 7,950 (thinking is output): 19,676.4
    claude(
        "parallel-results",
        counts(1, 530, read=24_028, written=1_204, output_tokens_details={"thinking_tokens": 300}),
        19_677,
        stream=False,
    ),
    # 205,245 tokens in are above 200,000, and all cost double: 12 at 6 = 72; 25,232 at 0.60 = 15,139.2;
    # 180,001 at 7.50 = 1,350,007.5; 40 at 22.50 = 900: 1,366,118.7
    claude("image-read", counts(12, 40, read=25_232, written=180_001), 1_366_119),
    # 200,000 tokens in are not above it: 5 at 3 = 15; 199,995 at 0.30 = 59,998.5; 1 at 15: 60,028.5
    claude("image-read", counts(5, 1, read=199_995), 60_029, stream=False),
    # 142 at 1.25 = 177.5; 30,976 at 0.125 = 3,872; 902 at 10 = 9,020 (640 of them reasoning): 13,069.5
    Step("thinking-replayed", True, [LARGE], [by_gpt(31_118, 902, cached=30_976, reasoning=640)], 13_070),
    # Claude is overloaded and costs nothing; another answers: 1,000 at 1.25 = 1,250; 100 at 10 = 1,000
    Step("without-betas", False, [CLAUDE, LARGE], [FakeAnswer([], 529, body=OVERLOADED), by_gpt(1_000, 100)], 2_250),
    # 50 at 3 = 150; 20 at 15 = 300; two searches at 10,000
    claude("web-search", counts(50, 20, **SEARCHED), 20_450),
]
TOGETHER = 1_628_420
"""128 + 136,051 + 10,646 + 19,677 + 1,366,119 + 60,029 + 13,070 + 2,250 + 20,450."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:{tmp_path}/edgeway.db")
    yield opened
    opened.close()


def test_a_recorded_session_costs_what_a_hand_computation_says(store: Store) -> None:
    clock = Clock(NOON)
    recorder = UsageRecorder(giving(store), clock=clock, log=lambda *_: None)
    harness = Harness(
        [answer for step in SESSION for answer in step.answers],
        ledger=StoredLedger(giving(store), clock=clock, log=lambda *_: None),  # type: ignore[arg-type]
        record=recorder.record,
        context={"budget_total": "100000000", "owner": "ada"},
    )
    asked: list[Candidate] = []

    async def route(_model: str, _key: KeyRecord) -> Sequence[Candidate]:
        return asked

    object.__setattr__(harness.function._chooser, "route", route)
    told: list[int] = []
    for step in SESSION:
        asked[:] = step.candidates
        request = json.loads((REQUESTS / f"{step.request}.json").read_text(encoding="utf-8"))
        answer = harness.ask(
            raw_body=json.dumps({**request, "stream": step.stream}), headers={"x-claude-code-session-id": "session"}
        )
        assert answer.status == 200, answer.body
        told.append(int(str(harness.summaries()[-1]["cost_micro_dollars"])))
        if not step.stream:
            assert answer.headers["x-edgeway-cost-usd"] == f"0.{step.micro_dollars:06}"
    assert told == [step.micro_dollars for step in SESSION]
    assert stored(store).held == {"day": TOGETHER, "month": TOGETHER, "total": TOGETHER}
    assert stored(store).estimated == 0
    items = run(store.query(key_partition("key_1")))
    assert {each.model: each.totals["cost_micro_dollars"] for each in totals_of_keys(items)} == {
        "claude/sonnet": 1_612_972, "large/gpt": 15_320, "small/nano": 128,
    }  # fmt: skip
    [session] = totals_of_sessions(items)
    assert (session.session, session.totals["cost_micro_dollars"], session.totals["requests"]) == (
        "session",
        TOGETHER,
        9,
    )
