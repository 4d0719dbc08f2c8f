"""Finds the plainest form of a request that means the same: the last resort for a refusal that names nothing.

Never left out: the limit of the answer, a forced tool, the system prompt, the tools, and pictures.
"""

from typing import cast

from translator.learned_traits import REFUSED_FIELDS, LearnedTrait, TraitValue
from translator.traits import Traits

PLAIN: dict[str, TraitValue] = {
    "schemas": "bare",
    "efforts": (),
    "thinking_toggle": None,
    "reasoning_with_tools": "any",
    "reasoning_echo": None,
    "cache_marker": None,
    "structured_output": "none",
    "prefill": "plain",
    "instructions_role": "system",
    "mid_system": "user",
    "empty_assistant_content": "string",
    "content": "plain",
    "after_tool": "assistant",
    "turns": "alternating",
}
"""What every server takes, as far as anything is."""
FORM = frozenset({"mid_system", "empty_assistant_content", "content", "after_tool", "turns"})
"""What of it is about the form of messages: templates complain of one where they mean another."""


def plainest(traits: Traits) -> tuple[LearnedTrait, ...]:
    """The corrections that make a request as plain as it can be; none where it is that already."""
    corrections = [LearnedTrait(name, value) for name, value in PLAIN.items() if _is_less(traits, name, value)]
    fields = LearnedTrait(REFUSED_FIELDS, cast("tuple[str, ...]", tuple(sorted(traits.fields))))
    return (*corrections, *([fields] if traits.fields else []))


def _is_less(traits: Traits, name: str, value: TraitValue) -> bool:
    """Whether the correction takes something away: a content that is always a string is plain enough."""
    return getattr(traits, name) != value and not (name == "content" and traits.content == "string")
