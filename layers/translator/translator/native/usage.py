"""Reads the counts of tokens that an upstream of the Messages API tells."""

from dataclasses import fields, replace
from functools import reduce
from typing import Any, TypeGuard

from translator.anthropic.events import Usage
from translator.tokens.reported import MOST_TOKENS

_COUNTS = {each.name for each in fields(Usage)} - {
    "thinking_tokens",
    "web_search_requests",
    "cache_creation_1h_input_tokens",
}
_BESIDE = ("compaction", "advisor_message")
"""What the model, or another one, has done besides; it is billed, and the counts of the answer leave it out
(platform.claude.com/docs/en/build-with-claude/compaction, …/agents-and-tools/tool-use/advisor-tool)."""
NO_USAGE = Usage(input_tokens=0, output_tokens=0)


def read_usage(told: object, before: Usage) -> Usage:
    """Return the usage.

    Later counts are totals and replace earlier ones; a count that they leave out keeps its value.
    """
    if not isinstance(told, dict):
        return before
    counts: dict[str, Any] = {name: told[name] for name in _COUNTS if is_count(told.get(name))}
    details, tools = told.get("output_tokens_details"), told.get("server_tool_use")
    written = told.get("cache_creation")
    if isinstance(written, dict) and is_count(written.get("ephemeral_1h_input_tokens")):
        counts["cache_creation_1h_input_tokens"] = written["ephemeral_1h_input_tokens"]
    if isinstance(details, dict) and is_count(details.get("thinking_tokens")):
        counts["thinking_tokens"] = details["thinking_tokens"]
    if isinstance(tools, dict) and is_count(tools.get("web_search_requests")):
        counts["web_search_requests"] = tools["web_search_requests"]
    return replace(before, **counts)


def read_beside(told: object, before: Usage) -> Usage:
    """The tokens of what was done besides; as before where nothing is said of it."""
    iterations = told.get("iterations") if isinstance(told, dict) else None
    if not isinstance(iterations, list):
        return before
    besides = (each for each in iterations if isinstance(each, dict) and each.get("type") in _BESIDE)
    return reduce(lambda usage, each: usage.plus(read_usage(each, NO_USAGE)), besides, NO_USAGE)


def is_count(value: object) -> TypeGuard[int]:
    """Whether it may be a count of tokens."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
