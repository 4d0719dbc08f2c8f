"""Reads token counts: those of Responses hold the cached ones, Anthropic's input tokens do not."""

from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import Usage
from translator.tokens.reported import read_count, read_details

SERVICE_TIERS = {
    "default": "standard",
    "scale": "standard",
    "priority": "priority",
    "fast": "priority",
    "ultrafast": "priority",
    "flex": "batch",
}
"""OpenAI's service tiers under Anthropic's names."""


def read_service_tier(tier: object) -> str:
    """The tier that answers; the standard one where the upstream names none that Anthropic has."""
    return SERVICE_TIERS.get(tier, "standard") if isinstance(tier, str) else "standard"


def read_searches(tool_usage: Mapping[str, Any]) -> int | None:
    """The searches of the web that are to be paid; None where nobody says."""
    return read_count(read_details(tool_usage, "web_search"), "num_requests")


def read_usage(usage: object) -> Usage | None:
    """What has been counted; None where that is nothing. What is missing or no count is 0."""
    if not isinstance(usage, Mapping):
        return None
    whole, output = read_count(usage, "input_tokens") or 0, read_count(usage, "output_tokens") or 0
    if not whole and not output:
        return None
    details = read_details(usage, "input_tokens_details")
    cached, written = read_count(details, "cached_tokens") or 0, read_count(details, "cache_write_tokens") or 0
    thinking = read_count(read_details(usage, "output_tokens_details"), "reasoning_tokens")
    return Usage(
        input_tokens=max(0, whole - cached - written),
        output_tokens=max(output, thinking or 0),
        cache_creation_input_tokens=written,
        cache_read_input_tokens=cached,
        thinking_tokens=thinking,
    )
