"""Reads token counts: OpenAI's prompt tokens hold the cached ones, Anthropic's input tokens do not."""

from collections.abc import Iterable, Mapping
from typing import Any

from translator.anthropic.events import Usage
from translator.tokens.reported import read_count

SERVICE_TIERS = {"default": "standard", "priority": "priority", "flex": "batch", "batch": "batch"}
"""OpenAI's service tiers under Anthropic's names."""


def read_service_tier(tier: object) -> str:
    """Return the tier that has answered; `standard` where the upstream names none that Anthropic has."""
    return SERVICE_TIERS.get(tier, "standard") if isinstance(tier, str) else "standard"


def find_usage(chunk: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Find the usage in a chunk or a completion, in the places that upstreams use; None where there is none."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    of_groq = chunk.get("x_groq")
    for holder in (chunk, choice, of_groq):  # Moonshot's choice
        if isinstance(holder, dict) and (found := _mappings(holder, _USAGE)):
            return found[0]
    return None


_USAGE = ("usage", "usage_metadata", "usageMetadata")
_PROMPT = ("prompt_tokens", "input_tokens", "prompt_token_count", "promptTokenCount")
_COMPLETION = ("completion_tokens", "output_tokens", "candidates_token_count", "candidatesTokenCount")
_TOTAL = ("total_tokens", "total_token_count", "totalTokenCount")
_DETAILS_OF_PROMPT = ("prompt_tokens_details", "input_tokens_details", "prompt_cache_details")
_DETAILS_OF_COMPLETION = ("completion_tokens_details", "output_tokens_details")
_READ = frozenset(
    {
        "cached_tokens",
        "prompt_cache_hit_tokens",
        "cache_read_input_tokens",
        "cache_read_tokens",
        "cached_read_tokens",
        "cached_prompt_tokens",
        "cached_input_tokens",
        "cached_content_token_count",
        "cachedContentTokenCount",
    }
)
"""OpenAI's and Moonshot's, DeepSeek's, Anthropic's, Google's, and other gateways' names of what came from a cache."""
_WRITTEN = frozenset(
    {
        "cache_write_tokens",
        "cache_creation_tokens",
        "cache_creation_input_tokens",
        "cache_write_input_tokens",
        "cached_creation_tokens",
        "cached_write_tokens",
        "cache_written_tokens",
    }
)
_WRITTEN_BY_TTL = (
    ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    ("claude_cache_creation_5_m_tokens", "claude_cache_creation_1_h_tokens"),
)
_THINKING = ("reasoning_tokens", "thinking_tokens", "thoughts_token_count", "thoughtsTokenCount", "thought_tokens")


def read_usage(usage: Mapping[str, Any]) -> Usage | None:
    """Return the usage; None where no count is there. A missing or invalid count is 0."""
    prompt, completion = _first(usage, _PROMPT) or 0, _first(usage, _COMPLETION) or 0
    if not prompt and not completion:
        return None
    of_prompt = [usage, *_mappings(usage, _DETAILS_OF_PROMPT)]
    cached = _greatest(of_prompt, _READ)
    written = max(_greatest(of_prompt, _WRITTEN), _written_by_ttl([*of_prompt, *_mappings(usage, ("cache_creation",))]))
    total = _first(usage, _TOTAL)
    if _leaves_out_the_cache(usage, prompt + completion, cached + written, total):
        prompt += cached + written
    thinking = _thinking(usage)
    # Some upstreams leave the reasoning out of completion_tokens: the total knows it, if there is one.
    beyond = (total or 0) - prompt - completion
    if thinking and (beyond >= thinking or thinking > completion):
        completion += max(beyond, thinking)
    elif thinking is None and completion and beyond > 0:
        completion, thinking = completion + beyond, beyond
    return Usage(
        input_tokens=max(0, prompt - cached - written),
        output_tokens=completion,
        cache_creation_input_tokens=written,
        cache_read_input_tokens=cached,
        thinking_tokens=thinking,
    )


def _leaves_out_the_cache(usage: Mapping[str, Any], counted: int, of_cache: int, total: int | None) -> bool:
    """Tell whether the prompt's count leaves out cached tokens, as Anthropic's own names do."""
    if not of_cache or "prompt_tokens" in usage or _mappings(usage, _DETAILS_OF_PROMPT):
        return bool(of_cache) and total == counted + of_cache
    return "input_tokens" in usage and total != counted


def _thinking(usage: Mapping[str, Any]) -> int | None:
    found = [_first(holder, _THINKING) for holder in (*_mappings(usage, _DETAILS_OF_COMPLETION), usage)]
    return next((count for count in found if count is not None), None)


def _written_by_ttl(holders: Iterable[Mapping[str, Any]]) -> int:
    """Return the tokens written for five minutes and for an hour, together."""
    return max(
        sum(read_count(each, name) or 0 for name in names if name in each)
        for each in holders
        for names in _WRITTEN_BY_TTL
    )


def _first(usage: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """Return the first count above 0, or else 0 if one is there, or else None."""
    counts = [count for name in names if name in usage and (count := read_count(usage, name)) is not None]
    return next(filter(None, counts), counts[0] if counts else None)


def _greatest(holders: Iterable[Mapping[str, Any]], names: frozenset[str]) -> int:
    """Return the greatest of several counts. The same count stands under several names, and some of them are 0."""
    return max((read_count(holder, name) or 0 for holder in holders for name in names.intersection(holder)), default=0)


def _mappings(usage: Mapping[str, Any], names: Iterable[str]) -> list[Mapping[str, Any]]:
    return [value for name in names if name in usage and isinstance(value := usage[name], dict)]
