"""Token counts: OpenAI's prompt tokens hold the cached ones, Anthropic's input tokens do not."""

import re
from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import Usage

MOST_TOKENS = 10**12
"""More than this is no count."""

SERVICE_TIERS = {"default": "standard", "priority": "priority", "flex": "batch", "batch": "batch"}
"""OpenAI's service tiers under Anthropic's names."""


def read_service_tier(tier: object) -> str:
    """The tier that has answered; the standard one where the upstream names none that Anthropic has."""
    return SERVICE_TIERS.get(tier, "standard") if isinstance(tier, str) else "standard"


def find_usage(chunk: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The usage of a chunk or completion, in the places where upstreams put it; None where it has none."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    of_groq = chunk.get("x_groq")
    for holder in (chunk, choice, of_groq):  # a choice of Moonshot's holds it
        usage = holder.get("usage") if isinstance(holder, dict) else None
        if isinstance(usage, dict):
            return usage
    return None


def read_usage(usage: Mapping[str, Any]) -> Usage | None:
    """What has been counted; None where that is nothing. What is missing or no count is 0."""
    prompt, completion = _count(usage, "prompt_tokens") or 0, _count(usage, "completion_tokens") or 0
    if not prompt and not completion:
        return None
    prompt_details = _mapping(usage, "prompt_tokens_details")
    # DeepSeek's and Moonshot's names for the same thing.
    cached = (
        _count(prompt_details, "cached_tokens")
        or _count(usage, "prompt_cache_hit_tokens")
        or _count(usage, "cached_tokens")
        or 0
    )
    written = _count(prompt_details, "cache_write_tokens") or 0
    thinking = _count(_mapping(usage, "completion_tokens_details"), "reasoning_tokens")
    # Some upstreams leave the reasoning out of completion_tokens: the total knows it, if there is one.
    beyond = (_count(usage, "total_tokens") or 0) - prompt - completion
    if thinking and (beyond >= thinking or thinking > completion):
        completion += max(beyond, thinking)
    return Usage(
        input_tokens=max(0, prompt - cached - written),
        output_tokens=completion,
        cache_creation_input_tokens=written,
        cache_read_input_tokens=cached,
        thinking_tokens=thinking,
    )


def _mapping(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = usage.get(name)
    return value if isinstance(value, Mapping) else {}


def _count(usage: Mapping[str, Any], name: str) -> int | None:
    """A count, also where it is written as text; None for what is missing or none."""
    value = usage.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MOST_TOKENS:
        return None
    return int(value)


_DIGITS = re.compile(r"[0-9]{1,15}")
