"""Token counts: OpenAI's prompt tokens hold the cached ones, Anthropic's input tokens do not."""

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


def read_usage(chunk: Mapping[str, Any]) -> Usage | None:
    """The usage of a chunk or completion; None where it counts nothing. What is missing or no number counts as 0.

    Groq counts beside the last choice, in a field of its own.
    """
    usage = _mapping(chunk, "usage") or _mapping(_mapping(chunk, "x_groq"), "usage")
    prompt = _count(usage, "prompt_tokens")
    completion = _count(usage, "completion_tokens")
    if not prompt and not completion:
        return None
    prompt_details = _mapping(usage, "prompt_tokens_details")
    completion_details = _mapping(usage, "completion_tokens_details")
    # DeepSeek's and Moonshot's names for the same thing.
    cached = (
        _count(prompt_details, "cached_tokens")
        or _count(usage, "prompt_cache_hit_tokens")
        or _count(usage, "cached_tokens")
    )
    written = _count(prompt_details, "cache_write_tokens")
    thinking = _count(completion_details, "reasoning_tokens") if "reasoning_tokens" in completion_details else None
    # Some upstreams leave the reasoning out of completion_tokens: the total knows it, if there is one.
    beyond = _count(usage, "total_tokens") - prompt - completion
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


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return int(value) if isinstance(value, int | float) and 0 <= value <= MOST_TOKENS else 0
