"""Token counts: OpenAI's prompt tokens hold the cached ones, Anthropic's input tokens do not."""

from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import Usage
from translator.tokens.reported import read_count, read_details

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
    prompt, completion = read_count(usage, "prompt_tokens") or 0, read_count(usage, "completion_tokens") or 0
    if not prompt and not completion:
        return None
    prompt_details = read_details(usage, "prompt_tokens_details")
    # DeepSeek's and Moonshot's names for the same thing.
    cached = (
        read_count(prompt_details, "cached_tokens")
        or read_count(usage, "prompt_cache_hit_tokens")
        or read_count(usage, "cached_tokens")
        or 0
    )
    written = read_count(prompt_details, "cache_write_tokens") or 0
    thinking = read_count(read_details(usage, "completion_tokens_details"), "reasoning_tokens")
    # Some upstreams leave the reasoning out of completion_tokens: the total knows it, if there is one.
    beyond = (read_count(usage, "total_tokens") or 0) - prompt - completion
    if thinking and (beyond >= thinking or thinking > completion):
        completion += max(beyond, thinking)
    return Usage(
        input_tokens=max(0, prompt - cached - written),
        output_tokens=completion,
        cache_creation_input_tokens=written,
        cache_read_input_tokens=cached,
        thinking_tokens=thinking,
    )
