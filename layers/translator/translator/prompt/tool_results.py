"""Pairs the calls of tools with their results for every dialect, and tells in words what has no other form."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from translator.anthropic.blocks import ToolResultBlock, ToolUseBlock
from translator.anthropic.events import encode_json
from translator.anthropic.request import Message
from translator.prompt.content import Part, PartEncoder

EARLIER_RESULT = "[result of an earlier tool call]"
"""Before a result without a call, which no upstream takes as a result."""
_SAYS_SO = ("Error", "<tool_use_error>")


class OpenCall(NamedTuple):
    """A tool call that has no result yet."""

    tool_use_id: str
    upstream_id: str


def results_by_call(messages: Iterable[Message]) -> dict[str, deque[ToolResultBlock]]:
    """The results that users have sent, in their order, by the id of the call."""
    results: dict[str, deque[ToolResultBlock]] = {}
    for message in messages:
        for block in message.content:
            if isinstance(block, ToolResultBlock) and message.role == "user":
                results.setdefault(block.tool_use_id, deque()).append(block)
    return results


def told_call(call: ToolUseBlock) -> str:
    """A call as text, where the upstream takes none."""
    return f"[call of the tool {call.name}] {encode_json(call.input).decode('ascii')}"


def told_failure(text: str) -> str:
    """The text of a tool that has failed. Few models take a status, so that the text has to say it."""
    return text if text.startswith(_SAYS_SO) else f"Error: {text}"


def told_failures(parts: list[Part], encoder: PartEncoder) -> list[Part]:
    """The same for a result of several parts, of which there is one at least."""
    beginning = parts[0].get("text", "")
    if beginning.startswith(_SAYS_SO):
        return parts
    return [encoder.text(told_failure(beginning).rstrip()), *(parts[1:] if beginning else parts)]
