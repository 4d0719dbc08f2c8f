from __future__ import annotations

import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from edgeway.local.console import sums as module
from edgeway.local.console.request_lines import RequestLines
from edgeway.local.console.sums import SAVE_SECONDS, Sum, Sums
from edgeway.local.console.terminal import Terminal

ONE = Sum(requests=1, input_tokens=1000, cached_tokens=400, output_tokens=20, micro_dollars=1500)
TWO = Sum(requests=1, input_tokens=10, output_tokens=2, micro_dollars=7)


def test_all_requests_are_summed_up_by_the_model_that_answered(tmp_path: Path) -> None:
    first, second = (Sums(tmp_path / "sums", count(0.0, SAVE_SECONDS).__next__) for _ in range(2))  # of two processes
    first.save()
    assert first.lines() == []
    assert first.add("openai/gpt-5", ONE) == ONE
    assert first.lines() == ["  openai/gpt-5  1 request  1,000 in (400 cached)  20 out  $0.0015"]
    assert second.add("groq/small", TWO) == ONE + TWO
    assert first.add("openai/gpt-5", ONE) == ONE + TWO + ONE
    assert second.lines() == [
        "  openai/gpt-5  2 requests  2,000 in (800 cached)  40 out  $0.003",
        "  groq/small    1 request  10 in  2 out  $0.000007",
        "  together      3 requests  2,010 in (800 cached)  42 out  $0.003007",
    ]


def test_the_file_is_written_at_intervals_and_in_the_end(tmp_path: Path) -> None:
    now = 0.0
    sums, other = Sums(tmp_path / "sums", lambda: now), Sums(tmp_path / "sums", lambda: now)
    sums.add("openai/gpt-5", ONE)
    now = SAVE_SECONDS / 2
    assert sums.add("openai/gpt-5", ONE) == ONE + ONE
    assert other.lines() == ["  openai/gpt-5  1 request  1,000 in (400 cached)  20 out  $0.0015"]
    now = SAVE_SECONDS
    assert sums.add("openai/gpt-5", ONE) == ONE + ONE + ONE
    assert other.add("openai/gpt-5", ONE) == ONE + ONE + ONE + ONE
    sums.add("openai/gpt-5", ONE)
    sums.save()
    other.save()
    assert other.lines() == ["  openai/gpt-5  5 requests  5,000 in (2,000 cached)  100 out  $0.0075"]


def test_requests_at_the_same_time_are_all_counted(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: Sums(tmp_path / "sums").add("openai/gpt-5", ONE), range(200)))
    assert Sums(tmp_path / "sums").add("openai/gpt-5", Sum()).requests == 200


def test_what_callers_make_up_does_not_fill_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MODELS", 1)
    sums = Sums(tmp_path / "sums", count(0.0, SAVE_SECONDS).__next__)
    for model in ("openai/gpt-5", "openai/a", "openai/b", "openai/gpt-5"):
        sums.add(model, TWO)
    assert [line.split()[0] for line in sums.lines()] == ["openai/gpt-5", "others", "together"]


@pytest.mark.parametrize("written", [None, "no JSON"])
def test_a_file_that_cannot_be_used_keeps_nobody_from_being_served(tmp_path: Path, written: str | None) -> None:
    file = tmp_path / ("sums" if written else "missing/sums")
    if written:
        file.write_text(written)
    assert Sums(file).add("openai/gpt-5", ONE) == ONE


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ({"cost_micro_dollars": 500_000}, "$0.5000 of $1.5000 so far"),
        ({"cost_micro_dollars": None}, ""),
        ({"cost_micro_dollars": 0}, "$0 of $1.0000 so far"),
        ({"cost_micro_dollars": 5, "cost_is_estimate": True}, "about <$0.0001 of $1.0000 so far"),
    ],
)
def test_a_line_says_what_all_requests_have_cost_so_far(
    tmp_path: Path, summary: Mapping[str, object], said: str
) -> None:
    Sums(tmp_path / "sums").add("openai/gpt-5", Sum(requests=1, micro_dollars=1_000_000))
    output = io.StringIO()
    RequestLines(Terminal(output, {}), Sums(tmp_path / "sums")).output(
        "MessagesFunction", json.dumps({"message": "request", "status": 200, "model": "openai/gpt-5", **summary})
    )
    assert output.getvalue() == "  ".join(filter(None, ["200", "openai/gpt-5", said])) + "\n"
