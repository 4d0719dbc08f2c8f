"""Turns Anthropic's tools and tool choice into functions, which each dialect lists in words of its own."""

from collections.abc import Sequence
from typing import Any, Protocol

from translator.anthropic.errors import invalid_request
from translator.anthropic.events import encode_json
from translator.anthropic.request import (
    AnyToolChoice,
    AutoToolChoice,
    MessagesRequest,
    NamedToolChoice,
    NoToolChoice,
    ToolChoice,
)
from translator.anthropic.tools import CustomTool, TypedTool
from translator.anthropic.validation import quoted_name
from translator.prompt.client_tools import client_tool
from translator.prompt.strict_schema import is_strict
from translator.prompt.tool_schemas import tool_parameters
from translator.tool_names import shorten
from translator.tools.offered import effective_tools, refused_tools
from translator.traits import Traits

REFUSED_TOOL_TYPES = ("computer_", "browser_")
"""Tool types whose answers only Anthropic's models can make: leaving them out would change the meaning."""


Function = dict[str, Any]
"""`name`, and where there are such `description`, `parameters` and `strict`."""


class ToolWords(Protocol):
    """How a dialect lists a function, and names the one that must be called."""

    def listed(self, function: Function) -> dict[str, Any]:
        """An entry of `tools`."""

    def named(self, name: str) -> dict[str, Any]:
        """The `tool_choice` of one function."""


def encode_tools(
    request: MessagesRequest, traits: Traits, *, searches: bool = False
) -> tuple[list[Function], list[str]]:
    """The functions to offer, and the types of the tools that cannot be offered.

    `searches`: the dialect offers the upstream's own search of the web in the place of Anthropic's.
    """
    functions: list[Function] = []
    dropped: list[str] = []
    tools = effective_tools(request)
    refused = refused_tools(tools, request, traits)
    for tool in tools:
        if isinstance(tool, CustomTool):
            if tool.name in refused.left_out:
                dropped.append(f"tools.{shorten(tool.name)}")
                continue
            function, lost = _custom(tool, traits, is_outlined=tool.name in refused.outlined)
            functions.append(function)
            dropped += lost
            continue
        if searches and tool.is_web_search:
            continue
        standing_for_it = client_tool(tool.type)
        if standing_for_it:
            functions.append(_typed(tool, standing_for_it))
            if tool.strict:
                dropped.append("tools.strict")
        elif tool.type.startswith(REFUSED_TOOL_TYPES):
            raise invalid_request(f"tools: {quoted_name(tool.type)} is not supported by this gateway")
        else:
            dropped.append(f"tools.{tool.type}")
    names = {function["name"] for function in functions}
    if len(names) < len(functions):  # a tool without a name has the official one
        raise invalid_request("tools: Tool names must be unique.")
    return functions, dropped


def encode_tool_choice(
    request: MessagesRequest, functions: Sequence[Function], traits: Traits, words: ToolWords
) -> tuple[dict[str, Any], list[str]]:
    """The fields `tool_choice` and `parallel_tool_calls`, and what of the caller's choice is lost.

    Where a tool cannot be named, `tools` offers that one alone.
    """
    choice = request.tool_choice
    if choice is None:
        return {}, []
    if isinstance(choice, NamedToolChoice):
        _require_offered(choice.name, functions)
    elif isinstance(choice, AnyToolChoice) and not functions:
        raise invalid_request("tool_choice.any: none of the tools can be offered")
    if not functions:
        return {}, []
    fields, dropped = _allowed_choice(choice, functions, traits, words)
    if not isinstance(choice, NoToolChoice) and choice.disable_parallel_tool_use:
        if "parallel_tool_calls" in traits.fields:
            fields["parallel_tool_calls"] = False
        else:
            dropped.append("tool_choice.disable_parallel_tool_use")
    return fields, dropped


def _allowed_choice(
    choice: ToolChoice, functions: Sequence[Function], traits: Traits, words: ToolWords
) -> tuple[dict[str, Any], list[str]]:
    match choice, traits.tool_choice:
        case AnyToolChoice() | NamedToolChoice(), "unforced":
            return {"tool_choice": "auto"}, ["tool_choice"]
        case AutoToolChoice(), "required_or_none":
            return {}, []  # where nothing is chosen, the model chooses
        case NamedToolChoice(name=name), "unnamed":
            named = [words.listed(function) for function in functions if function["name"] == shorten(name)]
            return {"tools": named, "tool_choice": "required"}, []
        case NamedToolChoice(), "required_or_none":
            return {"tool_choice": "required"}, ["tool_choice.name"] if len(functions) > 1 else []
        case _:
            return {"tool_choice": _encoded_choice(choice, words)}, []


def _encoded_choice(choice: ToolChoice, words: ToolWords) -> str | dict[str, Any]:
    match choice:
        case AutoToolChoice():
            return "auto"
        case AnyToolChoice():
            return "required"
        case NoToolChoice():
            return "none"
        case named:
            return words.named(shorten(named.name))


def _require_offered(name: str, functions: Sequence[Function]) -> None:
    if shorten(name) not in {function["name"] for function in functions}:
        raise invalid_request(
            f"tool_choice.name: the tool '{quoted_name(name)}' is not among those that can be offered"
        )


def _typed(tool: TypedTool, function: Function) -> Function:
    description = _with_examples(function["description"], tool)
    return {**function, "name": shorten(tool.name or function["name"]), "description": description}


def _custom(tool: CustomTool, traits: Traits, *, is_outlined: bool) -> tuple[Function, list[str]]:
    """The function, and what of it the upstream does not take."""
    function: Function = {"name": shorten(tool.name)}
    description = _with_examples(tool.description or "", tool)
    if description:
        function["description"] = description
    parameters, keywords = tool_parameters(tool.input_schema, traits, is_outlined=is_outlined)
    lost = [f"tools.{keyword}" for keyword in keywords]
    if is_outlined:
        lost = [f"tools.{function['name']}.input_schema"]
    if parameters is not None:
        function["parameters"] = parameters
    if tool.strict and traits.structured_output == "json_schema" and parameters and is_strict(parameters):
        function["strict"] = True
    elif tool.strict:
        lost.append("tools.strict")
    return function, lost


def _with_examples(description: str, tool: CustomTool | TypedTool) -> str:
    """There is no other place for them."""
    if not tool.input_examples:
        return description
    examples = "\n".join(encode_json(example).decode("ascii") for example in tool.input_examples)
    return f"{description}\n\nExamples of input:\n{examples}".strip()


def shorten_descriptions(functions: list[Function], traits: Traits) -> list[str]:
    """Cut the descriptions that the upstream finds too long, and return what a system prompt must say instead."""
    limit = traits.max_tool_description
    told = []
    for function in functions if limit is not None else ():
        description = function.get("description", "")
        if len(description) > (limit or 0):
            function["description"] = description[:limit]
            told.append(f"More about the tool `{function['name']}`: {description[limit:]}")
    return told
