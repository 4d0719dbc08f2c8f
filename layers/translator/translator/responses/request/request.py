"""Builds a request of Responses field by field, so that nothing the upstream does not know can reach it.

Source: https://platform.openai.com/docs/api-reference/responses/create.
"""

from typing import Any

from translator.anthropic.request import AdaptiveThinking, EnabledThinking, MessagesRequest
from translator.dialect import Caller, EncodedRequest
from translator.prompt.content import Part, PartEncoder
from translator.prompt.effort import asked_effort, explicit_effort, nearest_effort
from translator.prompt.features import (
    SCHEMA_NAME,
    SERVICE_TIERS,
    dropped_features,
    output_limit,
    told_schema,
    wanted_format,
)
from translator.prompt.strict_schema import is_strict
from translator.prompt.tool_schemas import answer_schema
from translator.prompt.tools import encode_tool_choice, encode_tools, shorten_descriptions
from translator.prompt.turns import instructions
from translator.responses.request.input_items import Item, encode_input, user_message
from translator.responses.request.web_search import SOURCES, encode_search_choice, offered_search
from translator.responses.request.words import ResponsesParts, ResponsesTools
from translator.tool_names import ToolNames
from translator.traits import Effort, OptionalField, Traits

LEAST_OUTPUT_TOKENS = 16
"""Fewer are refused, whatever the model."""

MOST_BREAKPOINTS = 3
"""Beside the one that OpenAI sets by itself. https://developers.openai.com/api/docs/guides/prompt-caching"""
_BREAKPOINT = "prompt_cache_breakpoint"


def encode_request(request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
    """The body of POST /responses for this request, always streamed."""
    parts, words = PartEncoder(traits, ResponsesParts()), ResponsesTools()
    system = parts.texts(instructions(request.system))
    items, dropped = encode_input(request, traits, parts)
    search = offered_search(request, traits)
    functions, dropped_tools = encode_tools(request, traits, searches=search is not None)
    told = shorten_descriptions(functions, traits)
    about_search = None if search is None else encode_search_choice(request, functions, traits, search)
    choice, dropped_choice = about_search or encode_tool_choice(request, functions, traits, words)
    tools = [*map(words.listed, functions), *([search.tool] if search else [])]
    reasoning, included, dropped_reasoning = _reasoning(request, traits, caller, searches=search is not None)
    output, told_output, dropped_output = _output_format(request, traits)
    optional, dropped_optional = _optional_fields(request, traits, caller)
    spoken = _instructions(system, [*told, *told_output], parts, items)
    include = [*included, *([SOURCES] if search else [])]
    body: dict[str, Any] = {
        "model": model,
        **({"instructions": spoken} if spoken else {}),
        "input": items,
        "max_output_tokens": max(LEAST_OUTPUT_TOKENS, output_limit(request.max_tokens, traits)),
        "stream": True,
        **({"tools": tools} if tools else {}),
        **(search.fields if search else {}),
        **choice,
        **reasoning,
        **({"include": include} if include and "include" in traits.fields else {}),
        **output,
        **optional,
    }
    all_dropped = [
        *dropped, *dropped_tools, *(search.dropped if search else ()), *dropped_choice,
        *dropped_reasoning, *dropped_output, *dropped_optional, *_keep_last_breakpoints(items),
        *dropped_features(request),
    ]  # fmt: skip
    names = ToolNames(tool.name for tool in request.tools or () if tool.name)
    return EncodedRequest(body, tuple(dict.fromkeys(all_dropped)), names, "/responses")


def _instructions(system: str | list[Part], told: list[str], parts: PartEncoder, items: list[Item]) -> str:
    """The system prompt, with what must be told beside it: where it marks a cache it is the first item instead."""
    if isinstance(system, str):
        return "\n\n".join([*([system] if system else []), *told])
    items.insert(0, user_message([*system, *(parts.text(text) for text in told)], "developer"))
    return ""


def _reasoning(
    request: MessagesRequest, traits: Traits, caller: Caller, *, searches: bool
) -> tuple[dict[str, Any], list[str], list[str]]:
    """`reasoning`, what else is to be told, and what of the caller's wish for more or less of it is lost."""
    wanted = asked_effort(request, is_claude_code=caller.is_claude_code)
    asked = "none" if traits.thinking == "off" else wanted
    # https://github.com/openai/codex/issues/3559: who thinks that little may not search.
    effort = _nearest(asked, tuple(each for each in traits.efforts if not (searches and each == "minimal")))
    asking = {"thinking": request.thinking, "output_config.effort": explicit_effort(request)}
    lost = [name for name, value in asking.items() if value is not None and _is_lost(wanted, effort)]
    if not traits.efforts:
        return {}, [], lost
    fields: dict[str, Any] = {} if effort is None else {"effort": effort}
    if effort != "none" and "summary" in traits.fields and _is_shown(request):
        fields["summary"] = "auto"
    included = ["reasoning.encrypted_content"] if effort != "none" else []
    return {"reasoning": fields} if fields else {}, included, lost


def _nearest(asked: Effort | None, efforts: tuple[Effort, ...]) -> Effort | None:
    """The effort to name; a model that cannot be told to stop thinking thinks as little as it can."""
    if asked is None or not efforts:
        return None
    return nearest_effort(asked, efforts) or efforts[0]


def _is_lost(wanted: Effort | None, effort: Effort | None) -> bool:
    """Whether reasoning was asked for that will not be, or was to be stopped and goes on."""
    if wanted == "none":
        return effort not in (None, "none", "minimal")
    return effort in (None, "none")


def _is_shown(request: MessagesRequest) -> bool:
    thinking = request.thinking
    return isinstance(thinking, EnabledThinking | AdaptiveThinking) and thinking.display != "omitted"


def _output_format(request: MessagesRequest, traits: Traits) -> tuple[dict[str, Any], list[str], list[str]]:
    """`text`, what the model is told of the form in its stead, and what is lost by that."""
    wanted = wanted_format(request)
    if not wanted:
        return {}, [], []
    if traits.structured_output == "json_schema":
        schema = answer_schema(wanted.schema_, traits)
        named = {"type": "json_schema", "name": SCHEMA_NAME, "schema": schema, "strict": is_strict(schema)}
        return {"text": {"format": named}}, [], []
    fields = {"text": {"format": {"type": "json_object"}}} if traits.structured_output == "json_object" else {}
    return fields, [told_schema(wanted.schema_)], ["output_config.format"]


def _optional_fields(request: MessagesRequest, traits: Traits, caller: Caller) -> tuple[dict[str, Any], list[str]]:
    """The fields that only some upstreams know; the caller's own are named where they are lost."""
    tier = request.service_tier
    asked: dict[OptionalField, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "service_tier": SERVICE_TIERS.get(tier, tier) if tier else None,
    }
    ours: dict[OptionalField, Any] = {
        "prompt_cache_key": caller.session,
        "safety_identifier": caller.user,
        "store": False,
    }
    if "include_obfuscation" in traits.fields:
        ours["stream_options"] = {"include_obfuscation": False}
    given = {name: value for name, value in asked.items() if value is not None}
    fields = {name: value for name, value in {**given, **ours}.items() if name in traits.fields and value is not None}
    # `auto` is what every upstream does anyway, and no upstream of this dialect knows `top_k`.
    lost = [str(name) for name, value in given.items() if name not in traits.fields and value != "auto"]
    return {str(name): value for name, value in fields.items()}, lost + ["top_k"] * (request.top_k is not None)


def _keep_last_breakpoints(items: list[Item]) -> list[str]:
    """Take out all marks of the cache but the last: of too many OpenAI would take the first."""
    marked = [part for item in items for part in _parts_of(item) if _BREAKPOINT in part]
    for part in marked[:-MOST_BREAKPOINTS]:
        del part[_BREAKPOINT]
    return ["cache_control"] if len(marked) > MOST_BREAKPOINTS else []


def _parts_of(item: Item) -> list[Part]:
    content = item.get("content", item.get("output"))
    return content if isinstance(content, list) and item["type"] != "reasoning" else []
