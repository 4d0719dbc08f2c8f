"""Lists the tools that are in force, without those that the upstream has refused."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from translator.anthropic.blocks import (
    ContentBlock,
    MidConversationSystemBlock,
    ToolChangeBlock,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from translator.anthropic.request import AnyToolChoice, NamedToolChoice, Prompt
from translator.anthropic.tools import CustomTool, TypedTool
from translator.tools.marks import schema_mark, tool_mark
from translator.traits import Traits

DEFERRED_PLACEHOLDER = "DeferredToolPlaceholder"
"""Stands in Claude Code's list for the tools it has not sent; nobody can call it."""

AnyTool = CustomTool | TypedTool


class RefusedTools(NamedTuple):
    """The names of the tools that an upstream refuses in part or altogether."""

    left_out: frozenset[str] = frozenset()
    outlined: frozenset[str] = frozenset()


def refused_tools(tools: Sequence[AnyTool], request: Prompt, traits: Traits) -> RefusedTools:
    """Return the refused tools among these. A tool that was called, or must be called, is never left out."""
    if not traits.refused_tools:
        return RefusedTools()
    marks = frozenset(traits.refused_tools)
    custom = [tool for tool in tools if isinstance(tool, CustomTool)]
    refused = {tool.name for tool in custom if tool_mark(tool.name, tool.input_schema) in marks}
    outlined = {tool.name for tool in custom if schema_mark(tool.name, tool.input_schema) in marks}
    left_out = refused - needed_tools(request)
    if isinstance(request.tool_choice, AnyToolChoice) and len(left_out) == len(tools):
        left_out = set[str]()
    return RefusedTools(frozenset(left_out), frozenset(outlined | refused))


def needed_tools(request: Prompt) -> set[str]:
    """Return the names of the tools that the history has called, and of the one that must be called."""
    blocks = (block for message in request.messages for block in message.content)
    called = {block.name for block in blocks if isinstance(block, ToolUseBlock)}
    return called | ({request.tool_choice.name} if isinstance(request.tool_choice, NamedToolChoice) else set())


def effective_tools(request: Prompt) -> list[CustomTool | TypedTool]:
    """Return the tools in force. Deferred tools stand last, in the order in which the conversation loads them.

    The others keep their places, so that the upstream's prompt cache survives. A tool that the conversation defines is
    loaded where it is defined. If it has the name of another tool, it takes that tool's place.
    """
    inline = {tool.name: tool for tool in request.inline_tools if tool.name is not None}
    listed = [tool for tool in request.tools or () if tool.name != DEFERRED_PLACEHOLDER and tool.name not in inline]
    tools = [*listed, *(tool for tool in request.inline_tools if tool.name is None), *inline.values()]
    changes = dict(change for message in request.messages for change in _changes(message.content))
    tools = [tool for tool in tools if changes.get(tool.name or "", True)]
    if any(isinstance(tool, TypedTool) and tool.type.startswith("tool_search_tool_") for tool in tools):
        # The search would run at Anthropic: without it the model must see everything.
        return list(tools)
    deferred = {
        tool.name: tool
        for tool in tools
        if tool.name in inline or (isinstance(tool, CustomTool) and tool.defer_loading)
    }
    return [tool for tool in tools if tool.name not in deferred] + [
        deferred[name] for name in changes if name in deferred
    ]


def _changes(blocks: Sequence[ContentBlock]) -> Iterable[tuple[str, bool]]:
    """Yield the tools that a message's blocks load or remove, by name."""
    for block in blocks:
        match block:
            case ToolResultBlock(content=content):
                yield from ((part.tool_name, True) for part in content if isinstance(part, ToolReferenceBlock))
            case MidConversationSystemBlock(content=content):
                yield from _changes(content)
            case ToolChangeBlock(name=str(name)):
                yield name, block.type == "tool_addition"
            case _:
                pass
