"""What is learnt of a model: applied to its traits, put together, stored and read again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from translator.anthropic.errors import ApiError
from translator.caller_words import NO_WORDS
from translator.learned_traits import REFUSED_FIELDS, CorrectableError, LearnedTrait, LearnedTraits, UnexplainedError
from translator.refusal.errors import read_error
from translator.traits import LEARNABLE, Traits

LEARNT: dict[str, Any] = {
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
    "content": "string",
    "after_tool": "assistant",
    "turns": "alternating",
    "max_images": 1,
    "refused_keywords": ("maxItems", "pattern"),
    "refused_tools": ("schema-0123456789abcdef", "tool-0123456789abcdef"),
    "lookaround": False,
    "refused_parts": ("context_management", "effort-2025-11-24"),
    "dialect": "responses",
    "reasoning_replay": "off",
    "tool_output": "text",
    "web_search": "none",
    "streamed_calls": False,
}
"""A value for each trait that can be learnt."""


def test_every_trait_that_can_be_learnt_is_tried() -> None:
    assert set(LEARNT) == LEARNABLE | {REFUSED_FIELDS}


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize("trait", LEARNT)
def test_a_learned_trait_corrects_its_trait_and_no_other(trait: str) -> None:
    before = Traits(mid_system="keep", pdf=True, thinking_toggle="thinking", web_search="upstream")
    changes: dict[str, Any] = {trait: LEARNT[trait]}
    expected = (
        replace(before, fields=before.fields - {"temperature", "top_p"})
        if trait == "refused_fields"
        else replace(before, **changes)
    )
    assert LearnedTrait(trait, LEARNT[trait]).correct(before) == expected
    assert expected != before


def test_the_newest_word_counts_and_refusals_add_up() -> None:
    first = LearnedTraits().learn([LearnedTrait("max_output_tokens", 8192), LearnedTrait("refused_fields", ("top_p",))])
    both = first.learn([LearnedTrait("max_output_tokens", 4096), LearnedTrait("refused_fields", ("temperature",))])
    assert both == LearnedTraits({"max_output_tokens": 4096, "refused_fields": ("temperature", "top_p")})
    assert first == LearnedTraits({"max_output_tokens": 8192, "refused_fields": ("top_p",)})


def test_what_a_store_and_the_log_get() -> None:
    written = LearnedTraits(LEARNT).attributes()
    assert written == {name: list(value) if isinstance(value, tuple) else value for name, value in LEARNT.items()}
    assert list(written) == sorted(written)


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("refused_fields", ("a_field_of_a_later_release",)),
        ("refused_fields", "temperature"),
        ("refused_fields", (["temperature"],)),
        ("efforts", ("enormous",)),
        ("max_tokens_field", "max_words"),
        ("max_output_tokens", 0),
        ("max_output_tokens", 10**9),
        ("max_output_tokens", True),
        ("min_output_tokens", "16"),
        ("images", "this model does not support images"),
        ("reasoning_echo", ("reasoning_content",)),
        ("fields", ("temperature",)),
        ("context_window", 4096),
        ("think_tags", "both"),
        ("written_calls", True),
        ("a_trait_of_a_later_release", True),
    ],
)
def test_nobody_s_text_is_learnt(trait: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^no value of the trait {trait}$"):
        LearnedTrait(trait, value)


def test_what_is_learnt_one_by_one() -> None:
    both = LearnedTrait("refused_fields", ("temperature", "top_p"))
    assert both.parts == {
        "refused_fields.temperature": LearnedTrait("refused_fields", ("temperature",)),
        "refused_fields.top_p": LearnedTrait("refused_fields", ("top_p",)),
    }
    efforts = LearnedTrait("efforts", ("low", "high"))
    assert efforts.parts == {"efforts": efforts}


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens must be less than or equal to 1000000000000",
        "max_tokens must be greater than or equal to 0",
        "tools.0.description: maximum length 999999999",
        "`max_tokens` exceed context limit: 900 + 900000000000 > 800000000000",
    ],
)
def test_no_number_of_an_upstream_s_is_beyond_reason(said: str) -> None:
    body = json.dumps({"error": {"message": said}}).encode()
    error = read_error(400, {}, body, caller_words=NO_WORDS, input_tokens=1, traits=Traits())
    assert not isinstance(error, CorrectableError) or isinstance(error, UnexplainedError)


def test_two_refusals_that_name_nothing_are_the_same() -> None:
    first, second = (UnexplainedError(ApiError("invalid_request_error", words), ()) for words in ("no", "still no"))
    assert first.repeats(second)
