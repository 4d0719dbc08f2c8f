"""Offers the upstream's own search of the web in the place of Anthropic's, where the operator has switched it on.

Source: https://developers.openai.com/api/docs/guides/tools-web-search.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from translator.anthropic.errors import invalid_request
from translator.anthropic.request import AnyToolChoice, MessagesRequest, NamedToolChoice, NoToolChoice
from translator.anthropic.tools import TypedTool, UserLocation, WebSearchSettings
from translator.anthropic.validation import complaint, quoted_name
from translator.prompt.tools import Function
from translator.tools.offered import effective_tools
from translator.traits import Traits

SOURCES = "web_search_call.action.sources"
"""Asked for by `include`: the pages that a search has found, not only those that the answer cites."""


class WebSearch(NamedTuple):
    """The search that is offered."""

    tool: dict[str, Any]
    names: frozenset[str]
    """By which callers may force it."""
    fields: dict[str, Any]
    """What stands beside the tools."""
    dropped: list[str]


def offered_search(request: MessagesRequest, traits: Traits) -> WebSearch | None:
    """The upstream's search, where the caller offers Anthropic's; raises `ApiError` for what is no setting of it."""
    if traits.web_search != "upstream":
        return None
    asked = [tool for tool in effective_tools(request) if isinstance(tool, TypedTool) and tool.is_web_search]
    if not asked:
        return None
    first, *others = asked
    settings = _settings(first)
    # No search can be cited as Anthropic's can: that takes an index which only Anthropic encrypts.
    dropped = ["citations", *(f"tools.{tool.type}" for tool in others)]
    if settings.blocked_domains:
        dropped.append("tools.blocked_domains")
    fields: dict[str, Any] = {}
    if settings.max_uses is not None and "max_tool_calls" in traits.fields:
        fields["max_tool_calls"] = settings.max_uses  # of built-in tools, and there is no other
    elif settings.max_uses is not None:
        dropped.append("tools.max_uses")
    filters = {"filters": {"allowed_domains": settings.allowed_domains}} if settings.allowed_domains else {}
    tool = {
        "type": "web_search",
        **filters,
        "user_location": _location(settings.user_location),
        "search_context_size": "medium",
    }
    return WebSearch(tool, frozenset(tool.name for tool in asked if tool.name), fields, dropped)


def encode_search_choice(
    request: MessagesRequest, functions: Sequence[Function], traits: Traits, search: WebSearch
) -> tuple[dict[str, Any], list[str]] | None:
    """The fields of a choice that is about the search, and what of it is lost; None where it is about functions.

    No choice can name the search: where it is forced, it is offered alone.
    """
    choice = request.tool_choice
    is_named = isinstance(choice, NamedToolChoice) and choice.name in search.names
    if is_named or (isinstance(choice, AnyToolChoice) and not functions):
        is_forced = traits.tool_choice != "unforced"
        fields = {"tools": [search.tool], "tool_choice": "required" if is_forced else "auto"}
        return fields, [] if is_forced else ["tool_choice"]
    if functions:
        return None
    return {"tool_choice": "none"} if isinstance(choice, NoToolChoice) else {}, []


def _settings(tool: TypedTool) -> WebSearchSettings:
    try:
        return WebSearchSettings.model_validate(tool.model_extra)
    except ValidationError as error:
        raise invalid_request(f"tools.{quoted_name(tool.type)}.{complaint(error)}") from None


def _location(given: UserLocation | None) -> dict[str, str]:
    """Where the search is made from; without a word of it, OpenAI takes the United States."""
    return {"type": "approximate", **(given.model_dump(exclude_none=True) if given else {})}
