"""Translates the conversation into Converse's turns, which begin and end with a user and alternate.

Every call of a tool has its result in the next turn, before anything else. Calls and results are only taken where
tools are offered: elsewhere they are told as text.
Source: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html
"""

import re
from collections import deque
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
from translator.anthropic.request import Message, MessagesRequest
from translator.converse.request.reasoning import replayed
from translator.prompt.content import Part, PartEncoder, as_text, reminder
from translator.prompt.tool_call_ids import UpstreamIds
from translator.prompt.tool_results import EARLIER_RESULT, OpenCall, results_by_call, told_call, told_failures
from translator.prompt.turns import EMPTY_TURN, NO_OUTPUT, NO_RESULT, in_force, out_of_place, texts
from translator.tool_ids import unwrap
from translator.tool_names import shorten
from translator.traits import Traits

GO_ON = "(go on)"
"""What a user says where the assistant has spoken last: such a conversation is refused."""

_MARK = "cache_control"
_CACHE_POINT: Part = {"cachePoint": {"type": "default"}}
_LEGAL_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def encode_messages(
    request: MessagesRequest, traits: Traits, parts: PartEncoder, *, offers_tools: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """The turns, and the names of what could not be shown to the model."""
    encoder = _TurnEncoder(traits, parts, offers_tools=offers_tools)
    for is_assistant, turn in groupby(
        in_force(request.messages, with_thinking=True), key=lambda message: message.role == "assistant"
    ):
        if is_assistant:
            encoder.assistant_turn([block for message in turn for block in message.content])
        else:
            encoder.user_turn(list(turn))
    encoder.append("user", encoder.answer_open_calls({}))
    dropped = [*parts.dropped, *out_of_place(request.messages)]
    if encoder.turns and encoder.turns[-1]["role"] == "assistant":
        dropped.append("prefill")  # it is read, and not gone on with
        encoder.append("user", [parts.text(GO_ON)])
    if not encoder.turns or encoder.turns[0]["role"] == "assistant":
        encoder.turns.insert(0, {"role": "user", "content": [parts.text(EMPTY_TURN)]})
    for content in (turn["content"] for turn in encoder.turns):
        if any("document" in part for part in content) and not any("text" in part for part in content):
            content.append(parts.text(EMPTY_TURN))  # a document alone is refused
    return encoder.turns, dropped


def with_cache_points(parts: Iterable[Part]) -> list[Part]:
    """The parts, and behind each that is marked a part that ends what is to be cached."""
    told: list[Part] = []
    for part in parts:
        told.append(_unmarked(part))
        if _MARK in part:
            told.append(_CACHE_POINT)
    return told


def _unmarked(part: Part) -> Part:
    return {name: value for name, value in part.items() if name != _MARK}


class _TurnEncoder:
    """Builds the turns; remembers the tool calls that have had no result yet."""

    def __init__(self, traits: Traits, parts: PartEncoder, *, offers_tools: bool) -> None:
        self._traits = traits
        self._parts = parts
        self._offers_tools = offers_tools
        self._ids = UpstreamIds(traits, _LEGAL_CALL_ID)
        self._open_calls: list[OpenCall] = []
        self.turns: list[dict[str, Any]] = []

    def append(self, role: str, content: list[Part]) -> None:
        """More of a turn, or the next one."""
        if content and self.turns and self.turns[-1]["role"] == role:
            self.turns[-1]["content"] += content
        elif content:
            self.turns.append({"role": role, "content": content})

    def assistant_turn(self, blocks: list[ContentBlock]) -> None:
        """Its blocks in order; reasoning at the end, which nothing follows, is left out."""
        content: list[Part] = []
        waiting: list[Part] = []
        for block in blocks:
            if isinstance(block, ThinkingBlock):
                waiting += replayed(block, self._traits)
            elif said := self._said(block):
                content += [*waiting, said]
                waiting = []
        self.append("assistant", content)

    def _said(self, block: ContentBlock) -> Part | None:
        match block:
            case TextBlock(text=text) if text.strip():
                return self._parts.text(text)
            case OpaqueBlock():
                return self._parts.text(as_text(block))
            case ToolUseBlock():
                return self._call(block)
            case _:
                return None  # what nobody says, or only a user

    def user_turn(self, turn: list[Message]) -> None:
        """Everything between two assistant turns: the results of tools first."""
        results = results_by_call(turn)
        told = self.answer_open_calls(results)
        orphans = {id(block) for waiting in results.values() for block in waiting}
        content: list[Part] = []
        for message in turn:
            if message.role == "user":
                content += self._user_parts(message.content, orphans)
            else:
                content.append(self._parts.text(reminder(texts(message.content))))
        if told and self._traits.after_tool == "assistant":
            # Most models refuse words beside results: https://github.com/langchain-ai/langchain-aws/issues/141
            last = next(part["toolResult"] for part in reversed(told) if "toolResult" in part)
            last["content"] += [part for part in content if "cachePoint" not in part]
            content = []
        self.append("user", [*told, *content] or [self._parts.text(EMPTY_TURN)])

    def answer_open_calls(self, results: dict[str, deque[ToolResultBlock]]) -> list[Part]:
        """One result for every open call, also where the caller has none. Takes those that it uses."""
        told: list[Part] = []
        for call in self._open_calls:
            waiting = results.get(call.tool_use_id)
            told += self._result(waiting.popleft() if waiting else None, call.upstream_id)
        self._open_calls = []
        return told

    def _call(self, call: ToolUseBlock) -> Part:
        if not self._offers_tools:
            return self._parts.text(told_call(call))
        upstream_id = self._ids.name(call.id, unwrap(call.id))
        self._open_calls.append(OpenCall(call.id, upstream_id))
        return {"toolUse": {"toolUseId": upstream_id, "name": shorten(call.name), "input": call.input}}

    def _result(self, result: ToolResultBlock | None, upstream_id: str) -> list[Part]:
        content = [self._parts.text(NO_RESULT)] if result is None else self._output(result)
        part = {"toolResult": {"toolUseId": upstream_id, "content": [_unmarked(each) for each in content]}}
        if any(_MARK in each for each in content):
            part[_MARK] = {}
        return with_cache_points(self._parts.marked([part], result))

    def _output(self, result: ToolResultBlock) -> list[Part]:
        parts = self._parts.parts(result.content) or [self._parts.text(NO_OUTPUT)]
        return told_failures(parts, self._parts) if result.is_error else parts

    def _user_parts(self, blocks: list[ContentBlock], orphans: set[int]) -> list[Part]:
        parts: list[Part] = []
        for block in blocks:
            match block:
                case ToolResultBlock():
                    if id(block) in orphans:
                        parts += [self._parts.text(EARLIER_RESULT), *self._output(block)]
                case ThinkingBlock() | RedactedThinkingBlock() | ToolChangeBlock() | FallbackBlock():
                    pass  # reasoning belongs to assistant turns, and the others are no text
                case ToolUseBlock():
                    parts.append(self._parts.text(told_call(block)))
                case _:
                    parts += self._parts.parts([block])
        return with_cache_points(parts)
