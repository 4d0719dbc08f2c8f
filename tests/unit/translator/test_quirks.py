"""What is learnt of a model: applied to its traits, put together, stored and read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from translator.quirks import Quirk, Quirks, QuirkTrait, read_quirks
from translator.traits import Traits

LEARNT: dict[QuirkTrait, Any] = {
    "refused_fields": ("temperature", "top_p"),
    "max_tokens_field": "max_completion_tokens",
    "min_output_tokens": 16,
    "max_output_tokens": 4096,
    "efforts": ("low", "high"),
    "thinking_toggle": None,
    "reasoning_with_tools": "none",
    "reasoning_echo": "reasoning_content",
    "thought_signature": "google",
    "thinking": "off",
    "cache_marker": "prompt_cache_breakpoint",
    "instructions_role": "developer",
    "mid_system": "user",
    "images": False,
    "pdf": False,
    "prefill": "prefix",
    "tool_choice": "unforced",
    "structured_output": "json_object",
    "schemas": "google",
    "max_tool_description": 1024,
    "tool_call_id": "alphanumeric_9",
    "empty_assistant_content": "string",
}
"""A value for each trait that can be learnt."""


def test_every_trait_that_can_be_learnt_is_tried() -> None:
    assert set(LEARNT) == set(get_args(QuirkTrait))


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize("trait", LEARNT)
def test_a_quirk_corrects_its_trait_and_no_other(trait: QuirkTrait) -> None:
    before = Traits(mid_system="keep", pdf=True, thinking_toggle="thinking")
    changes: dict[str, Any] = {trait: LEARNT[trait]}
    expected = (
        replace(before, fields=before.fields - {"temperature", "top_p"})
        if trait == "refused_fields"
        else replace(before, **changes)
    )
    assert Quirk(trait, LEARNT[trait]).correct(before) == expected
    assert expected != before


def test_the_newest_word_counts_and_refusals_add_up() -> None:
    first = Quirks().learn([Quirk("max_output_tokens", 8192), Quirk("refused_fields", ("top_p",))])
    both = first.learn([Quirk("max_output_tokens", 4096), Quirk("refused_fields", ("temperature",))])
    assert both == Quirks({"max_output_tokens": 4096, "refused_fields": ("temperature", "top_p")})
    assert first == Quirks({"max_output_tokens": 8192, "refused_fields": ("top_p",)})


def test_what_is_stored_is_read_again() -> None:
    quirks = Quirks(LEARNT)
    stored = quirks.attributes()
    assert stored["efforts"] == ["low", "high"]
    assert list(stored) == sorted(stored)
    assert read_quirks(stored) == quirks


@pytest.mark.parametrize(
    "stored",
    [
        {"a_trait_of_a_later_release": True},
        {"refused_fields": ["a_field_of_a_later_release"]},
        {"refused_fields": "temperature"},
        {"efforts": ["enormous"]},
        {"max_tokens_field": "max_words"},
        {"max_output_tokens": 0},
        {"max_output_tokens": 10**9},
        {"max_output_tokens": True},
        {"min_output_tokens": "16"},
        {"images": "no"},
        {"reasoning_echo": ["reasoning_content"]},
    ],
)
def test_what_is_not_understood_is_left_out(stored: dict[str, Any]) -> None:
    assert read_quirks({**stored, "pdf": False}) == Quirks({"pdf": False})
