"""Tools and tool choice: Anthropic's to functions of chat completions."""

from collections.abc import Iterable, Sequence
from typing import Any

from translator.anthropic.blocks import ToolChangeBlock, ToolReferenceBlock, ToolResultBlock
from translator.anthropic.errors import invalid_request
from translator.anthropic.events import encode_json
from translator.anthropic.request import (
    AnyToolChoice,
    AutoToolChoice,
    CustomTool,
    Message,
    MessagesRequest,
    NamedToolChoice,
    NoToolChoice,
    ToolChoice,
    TypedTool,
)
from translator.chat.strict_schema import is_strict
from translator.chat.tool_schemas import tool_parameters
from translator.tool_names import shorten
from translator.traits import Traits

DEFERRED_PLACEHOLDER = "DeferredToolPlaceholder"
"""Stands in Claude Code's list for the tools it has not sent; nobody can call it."""

REFUSED_TOOL_TYPES = ("computer_", "browser_")
"""Tool types whose answers only Anthropic's models can make: leaving them out would change the meaning."""

_COMMAND = {"type": "string", "description": "The command to run."}
_PATH = {"type": "string", "description": "Absolute path to a file or directory."}

CLIENT_TOOLS: dict[str, dict[str, Any]] = {
    "bash_": {
        "name": "bash",
        "description": "Run a command in a persistent bash session. With restart, start a new session.",
        "parameters": {
            "type": "object",
            "properties": {"command": _COMMAND, "restart": {"type": "boolean"}},
        },
    },
    "text_editor_": {
        "name": "str_replace_based_edit_tool",
        "description": "View, create and edit text files.",
        "parameters": {
            "type": "object",
            "properties": {
                "command": {"type": "string", "enum": ["view", "create", "str_replace", "insert"]},
                "path": _PATH,
                "file_text": {"type": "string", "description": "The whole text, for create."},
                "old_str": {"type": "string", "description": "The exact text to replace, for str_replace."},
                "new_str": {"type": "string", "description": "The replacement, for str_replace."},
                "insert_line": {"type": "integer", "description": "The line to insert after, for insert."},
                "insert_text": {"type": "string", "description": "The text to insert, for insert."},
                "view_range": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "description": "First and last line.",
                },
            },
            "required": ["command", "path"],
        },
    },
    "memory_": {
        "name": "memory",
        "description": "View and edit files below /memories, which outlive the conversation.",
        "parameters": {
            "type": "object",
            "properties": {
                "command": {
                    "type": "string",
                    "enum": ["view", "create", "str_replace", "insert", "delete", "rename"],
                },
                "path": _PATH,
                "file_text": {"type": "string"},
                "old_str": {"type": "string"},
                "new_str": {"type": "string"},
                "insert_line": {"type": "integer"},
                "insert_text": {"type": "string"},
                "old_path": {"type": "string"},
                "new_path": {"type": "string"},
                "view_range": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["command"],
        },
    },
}
"""Typed tools that the caller itself runs, by the beginning of their type: the model only has to know their shape."""


def encode_tools(request: MessagesRequest, traits: Traits) -> tuple[list[dict[str, Any]], list[str]]:
    """The functions to offer, and the types of the tools that cannot be offered."""
    functions: list[dict[str, Any]] = []
    dropped: list[str] = []
    for tool in _effective_tools(request):
        if isinstance(tool, CustomTool):
            function = _custom(tool, traits)
            functions.append({"type": "function", "function": function})
            if tool.strict and "strict" not in function:
                dropped.append("tools.strict")
            continue
        client_tool = _client_tool(tool)
        if client_tool:
            functions.append({"type": "function", "function": client_tool})
        elif tool.type.startswith(REFUSED_TOOL_TYPES):
            raise invalid_request(f"tools: {tool.type} is not supported by this gateway")
        else:
            dropped.append(f"tools.{tool.type}")
    return functions, dropped


def encode_tool_choice(
    request: MessagesRequest, functions: Sequence[dict[str, Any]], traits: Traits
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
        raise invalid_request("tool_choice: any needs at least one tool that can be offered")
    if not functions:
        return {}, []
    fields, dropped = _allowed_choice(choice, functions, traits)
    if not isinstance(choice, NoToolChoice) and choice.disable_parallel_tool_use:
        if "parallel_tool_calls" in traits.fields:
            fields["parallel_tool_calls"] = False
        else:
            dropped.append("tool_choice.disable_parallel_tool_use")
    return fields, dropped


def _allowed_choice(
    choice: ToolChoice, functions: Sequence[dict[str, Any]], traits: Traits
) -> tuple[dict[str, Any], list[str]]:
    match choice, traits.tool_choice:
        case AnyToolChoice() | NamedToolChoice(), "unforced":
            return {"tool_choice": "auto"}, ["tool_choice"]
        case AutoToolChoice(), "required_or_none":
            return {}, []  # where nothing is chosen, the model chooses
        case NamedToolChoice(name=name), "unnamed":
            named = [function for function in functions if function["function"]["name"] == shorten(name)]
            return {"tools": named, "tool_choice": "required"}, []
        case NamedToolChoice(), "required_or_none":
            return {"tool_choice": "required"}, ["tool_choice.name"] if len(functions) > 1 else []
        case _:
            return {"tool_choice": _encoded_choice(choice)}, []


def _encoded_choice(choice: ToolChoice) -> str | dict[str, Any]:
    match choice:
        case AutoToolChoice():
            return "auto"
        case AnyToolChoice():
            return "required"
        case NoToolChoice():
            return "none"
        case named:
            return {"type": "function", "function": {"name": shorten(named.name)}}


def _require_offered(name: str, functions: Sequence[dict[str, Any]]) -> None:
    if shorten(name) not in {function["function"]["name"] for function in functions}:
        raise invalid_request(f"tool_choice.name: the tool {name!r} is not among the tools that can be offered")


def _effective_tools(request: MessagesRequest) -> list[CustomTool | TypedTool]:
    """The tools in force: deferred ones only where the conversation has loaded them, after the others, in that order.

    The others keep their places, so that the upstream's prompt cache survives.
    """
    tools = [tool for tool in request.tools or () if tool.name != DEFERRED_PLACEHOLDER]
    changes = dict(change for message in request.messages for change in _changes(message))
    tools = [tool for tool in tools if changes.get(tool.name or "", True)]
    if any(isinstance(tool, TypedTool) and tool.type.startswith("tool_search_tool_") for tool in tools):
        # The search would run at Anthropic: without it the model must see everything.
        return list(tools)
    deferred = {tool.name: tool for tool in tools if isinstance(tool, CustomTool) and tool.defer_loading}
    return [tool for tool in tools if tool.name not in deferred] + [
        deferred[name] for name in changes if name in deferred
    ]


def _changes(message: Message) -> Iterable[tuple[str, bool]]:
    """The tools that a message loads or takes away, by name."""
    for block in message.content:
        if isinstance(block, ToolResultBlock):
            yield from ((part.tool_name, True) for part in block.content if isinstance(part, ToolReferenceBlock))
        elif isinstance(block, ToolChangeBlock):
            name = block.tool.get("name")
            if isinstance(name, str):
                yield name, block.type == "tool_addition"


def _client_tool(tool: TypedTool) -> dict[str, Any] | None:
    for beginning, function in CLIENT_TOOLS.items():
        if tool.type.startswith(beginning):
            return {**function, "name": shorten(tool.name or function["name"])}
    return None


def _custom(tool: CustomTool, traits: Traits) -> dict[str, Any]:
    function: dict[str, Any] = {"name": shorten(tool.name)}
    description = tool.description or ""
    if tool.input_examples:
        examples = "\n".join(encode_json(example).decode("ascii") for example in tool.input_examples)
        description = f"{description}\n\nExamples of input:\n{examples}".strip()
    if description:
        function["description"] = description
    parameters = tool_parameters(tool.input_schema, traits)
    if parameters is not None:
        function["parameters"] = parameters
    if tool.strict and traits.structured_output == "json_schema" and parameters and is_strict(parameters):
        function["strict"] = True
    return function


def shorten_descriptions(functions: list[dict[str, Any]], traits: Traits) -> list[str]:
    """Cut the descriptions that the upstream finds too long, and return what a system prompt must say instead."""
    limit = traits.max_tool_description
    told = []
    for tool in functions if limit is not None else ():
        function = tool["function"]
        description = function.get("description", "")
        if len(description) > (limit or 0):
            function["description"] = description[:limit]
            told.append(f"More about the tool `{function['name']}`: {description[limit:]}")
    return told
