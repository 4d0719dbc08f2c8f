"""Translates the conversation into a flat list of items. It is always sent whole: nothing is stored.

What was said in an order goes back in that order, under no id: an item's id would be looked up, and not be found.
Outputs of tools follow the calls of a turn at once, before anything else that a user says.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from translator.anthropic.blocks import (
    ContentBlock,
    FallbackBlock,
    OpaqueBlock,
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolChangeBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from translator.anthropic.events import encode_json
from translator.anthropic.request import Message, MessagesRequest
from translator.prompt.content import Part, PartEncoder, as_content, as_text, reminder
from translator.prompt.tool_call_ids import UpstreamIds
from translator.prompt.tool_results import EARLIER_RESULT, OpenCall, results_by_call, told_call, told_failures
from translator.prompt.turns import EMPTY_TURN, NO_OUTPUT, NO_RESULT, in_force, out_of_place, texts
from translator.responses.request.reasoning_items import ReasoningItems
from translator.tool_ids import unwrap
from translator.tool_names import shorten
from translator.traits import Traits

Item = dict[str, Any]

_LEGAL_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def encode_input(request: MessagesRequest, traits: Traits, parts: PartEncoder) -> tuple[list[Item], list[str]]:
    """The items, and the names of what could not be shown to the model."""
    messages = list(in_force(request.messages, with_thinking=True))
    encoder = _InputEncoder(messages, traits, parts)
    for is_assistant, turn in groupby(messages, key=lambda message: message.role == "assistant"):
        if is_assistant:
            encoder.assistant_turn([block for message in turn for block in message.content])
        else:
            encoder.user_turn(list(turn))
    encoder.answer_open_calls(set())
    if not encoder.items:
        encoder.items.append(user_message([parts.text(EMPTY_TURN)]))
    dropped = [*parts.dropped, *out_of_place(request.messages)]
    if encoder.items[-1].get("role") == "assistant":
        dropped.append("prefill")  # it is read, and not gone on with
    return encoder.items, dropped


def user_message(parts: list[Part], role: str = "user") -> Item:
    """A message of somebody's who is no assistant."""
    return {"type": "message", "role": role, "content": as_content(parts)}


class _InputEncoder:
    """Builds the list; remembers the tool calls that have had no output yet."""

    def __init__(self, messages: list[Message], traits: Traits, parts: PartEncoder) -> None:
        self._traits = traits
        self._parts = parts
        self._ids = UpstreamIds(traits, _LEGAL_CALL_ID)
        self._reasoning = ReasoningItems(traits)
        self._open_calls: list[OpenCall] = []
        self._calls = Counter(
            block.id for message in messages for block in message.content if isinstance(block, ToolUseBlock)
        )
        self._results = results_by_call(messages)
        self.items: list[Item] = []

    def assistant_turn(self, blocks: list[ContentBlock]) -> None:
        """The items of one turn, in the order of its blocks; reasoning that nothing follows is left out."""
        said = [block for block in blocks if _is_said(block)]
        last = said[-1] if said else None
        for block in blocks:
            match block:
                case ThinkingBlock():
                    self._reasoning.add(block)
                case TextBlock(text=text) if _is_said(block):
                    self._say(text, is_final=block is last)
                case OpaqueBlock():
                    self._say(as_text(block), is_final=block is last)
                case ToolUseBlock():
                    self._call(block)
                case _:
                    pass  # what nobody says, or only a user
        self._reasoning.forget_trailing()

    def user_turn(self, turn: list[Message]) -> None:
        """Everything between two assistant turns: the outputs of tools first."""
        before = len(self.items)
        here = {id(block) for message in turn for block in message.content if isinstance(block, ToolResultBlock)}
        parts = self.answer_open_calls(here)
        for message in turn:
            if message.role == "user":
                parts += self._user_parts(message.content)
            elif self._traits.mid_system == "keep":
                self._append_user(parts)
                parts = []
                self._append_user([self._parts.text(text) for text in texts(message.content)], "developer")
            else:
                parts.append(self._parts.text(reminder(texts(message.content))))
        self._append_user(parts)
        if len(self.items) == before:
            self._append_user([self._parts.text(EMPTY_TURN)])

    def answer_open_calls(self, here: set[int]) -> list[Part]:
        """An output for every open call, also where the caller has no result: a call without one is refused.

        A result that comes later belongs to its call all the same. Returns what only a user's message can hold.
        """
        attachments: list[Part] = []
        for call in self._open_calls:
            result = self._take_result(call.tool_use_id, here)
            output: str | list[Part] = NO_RESULT
            if result is not None:
                output, more = self._output(result, count=len(attachments))
                attachments += more
            self.items.append({"type": "function_call_output", "call_id": call.upstream_id, "output": output})
        self._open_calls = []
        return attachments

    def _take_result(self, tool_use_id: str, here: set[int]) -> ToolResultBlock | None:
        """Of this turn, or of a later one where the id can mean no other call."""
        waiting = self._results.get(tool_use_id)
        if not waiting or not (id(waiting[0]) in here or self._calls[tool_use_id] == 1):
            return None
        return waiting.popleft()

    def _append(self, item: Item) -> None:
        self.items += [*self._reasoning.before(), item]

    def _say(self, text: str, *, is_final: bool) -> None:
        phase = {"phase": "final_answer" if is_final else "commentary"} if "phase" in self._traits.fields else {}
        self._append({"role": "assistant", "content": text, **phase})

    def _call(self, call: ToolUseBlock) -> None:
        call_id = self._ids.name(call.id, unwrap(call.id))
        self._open_calls.append(OpenCall(call.id, call_id))
        arguments = encode_json(call.input).decode("ascii")
        self._append({"type": "function_call", "call_id": call_id, "name": shorten(call.name), "arguments": arguments})

    def _output(self, result: ToolResultBlock, *, count: int) -> tuple[str | list[Part], list[Part]]:
        """The output, and what of it must stand elsewhere; `count` attachments stand before these."""
        parts = self._parts.parts(result.content)
        attachments: list[Part] = []
        if self._traits.tool_output == "text" and any(part["type"] != "input_text" for part in parts):
            parts, attachments = self._without_attachments(parts, count)
        if not parts:
            parts = [self._parts.text(NO_OUTPUT)]
        if result.is_error:
            parts = told_failures(parts, self._parts)
        return as_content(self._parts.marked(parts, result)), attachments

    def _without_attachments(self, parts: Iterable[Part], count: int) -> tuple[list[Part], list[Part]]:
        told: list[str] = []
        attachments: list[Part] = []
        for part in parts:
            if part["type"] == "input_text":
                told.append(part["text"])
            else:
                attachments.append(part)
                told.append(f"[attachment {count + len(attachments)} below]")
        return [self._parts.text("\n".join(told))], attachments

    def _user_parts(self, blocks: list[ContentBlock]) -> list[Part]:
        parts: list[Part] = []
        for block in blocks:
            match block:
                case ToolResultBlock():
                    parts += self._orphan(block)
                case ThinkingBlock() | RedactedThinkingBlock() | ToolChangeBlock() | FallbackBlock():
                    pass  # reasoning belongs to assistant turns, and the others are no text
                case ToolUseBlock():
                    parts.append(self._parts.text(told_call(block)))
                case _:
                    parts += self._parts.parts([block])
        return parts

    def _orphan(self, result: ToolResultBlock) -> list[Part]:
        """A result of no call: an output without one would be refused."""
        waiting = self._results.get(result.tool_use_id)
        if not waiting or all(result is not each for each in waiting):
            return []
        waiting.remove(result)
        output, attachments = self._output(result, count=0)
        parts = [self._parts.text(output)] if isinstance(output, str) else output
        return [self._parts.text(EARLIER_RESULT), *parts, *attachments]

    def _append_user(self, parts: list[Part], role: str = "user") -> None:
        if parts:
            self._append(user_message(parts, role))


def _is_said(block: ContentBlock) -> bool:
    """Whether it becomes an item of the assistant's other than reasoning."""
    return isinstance(block, ToolUseBlock | OpaqueBlock) or (isinstance(block, TextBlock) and bool(block.text.strip()))
