"""What a stream sends in pieces is put together as OpenRouter wants it back."""

from __future__ import annotations

from typing import Any

import pytest
from translator.reasoning_details import ReasoningDetails, text_of

CLAUDE = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
SUMMARY = {"type": "reasoning.summary", "index": 0}


@pytest.mark.failure_mode(22)
@pytest.mark.parametrize(
    ("chunks", "whole"),
    [
        (
            [[{**CLAUDE, "text": "Let"}], [{**CLAUDE, "text": " me."}], [{**CLAUDE, "signature": "EqQB"}]],
            [{**CLAUDE, "text": "Let me.", "signature": "EqQB"}],
        ),
        ([[{**SUMMARY, "summary": "One"}, {**SUMMARY, "summary": " two."}]], [{**SUMMARY, "summary": "One two."}]),
        (
            [[{**CLAUDE, "text": "A.", "signature": "s1"}], [{**CLAUDE, "text": "B."}]],
            [{**CLAUDE, "text": "A.", "signature": "s1"}, {**CLAUDE, "text": "B."}],
        ),
        (
            [[{**CLAUDE, "text": "A."}], [{**SUMMARY, "summary": "S."}], [{**CLAUDE, "text": "B."}]],
            [{**CLAUDE, "text": "A."}, {**SUMMARY, "summary": "S."}, {**CLAUDE, "text": "B."}],
        ),
        (
            [[{"type": "reasoning.encrypted", "data": "x"}], [{"type": "reasoning.encrypted", "data": "y"}]],
            [{"type": "reasoning.encrypted", "data": "x"}, {"type": "reasoning.encrypted", "data": "y"}],
        ),
        (
            [[{**CLAUDE, "text": "A", "id": "r1"}], [{**CLAUDE, "text": None, "id": None}]],
            [{**CLAUDE, "text": "A", "id": "r1"}],
        ),
        ([[{"type": "a.later.kind"}], [{}]], [{"type": "a.later.kind"}, {}]),
        ([[{"type": []}], [{"type": {}}]], [{"type": []}, {"type": {}}]),
    ],
    ids=["signature last", "summary", "two blocks", "in turns", "encrypted", "nothing new", "unknown", "no word"],
)
def test_what_belongs_together(chunks: list[list[dict[str, Any]]], whole: list[dict[str, Any]]) -> None:
    details = ReasoningDetails()
    for chunk in chunks:
        details.add(chunk)
    assert details.whole == whole


def test_what_arrived_stays_as_it_was() -> None:
    piece = {**CLAUDE, "text": "A"}
    details = ReasoningDetails()
    details.add([piece])
    details.add([{**CLAUDE, "text": "B"}])
    assert piece == {**CLAUDE, "text": "A"}


def test_what_can_be_read() -> None:
    assert (
        text_of([{"text": "A"}, {"summary": "B"}, {"data": "x"}, {"text": 5}, {"text": None, "summary": "C"}]) == "ABC"
    )
