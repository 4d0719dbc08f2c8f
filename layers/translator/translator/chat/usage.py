"""Token counts: OpenAI's prompt tokens hold the cached ones, Anthropic's input tokens do not."""

from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import Usage

SERVICE_TIERS = {"default": "standard", "priority": "priority", "flex": "batch", "batch": "batch"}


def read_usage(usage: Mapping[str, Any], *, service_tier: object = None) -> Usage:
    """The usage of a chunk or completion; counters that are missing or no number count as nothing."""
    prompt = _count(usage, "prompt_tokens")
    completion = _count(usage, "completion_tokens")
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
    # Some upstreams leave the reasoning out of completion_tokens: then only the total knows it.
    if thinking and _count(usage, "total_tokens") >= prompt + completion + thinking:
        completion = _count(usage, "total_tokens") - prompt
    return Usage(
        input_tokens=max(0, prompt - cached - written),
        output_tokens=completion,
        cache_creation_input_tokens=written,
        cache_read_input_tokens=cached,
        thinking_tokens=thinking,
        service_tier=SERVICE_TIERS.get(service_tier) if isinstance(service_tier, str) else None,
    )


def _mapping(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = usage.get(name)
    return value if isinstance(value, Mapping) else {}


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return max(0, int(value)) if isinstance(value, int | float) else 0
