"""Translates the conversation into messages of chat completions.

Chat completions is strict where Anthropic is not: every tool call is followed at once by one tool message each, tool
messages hold only text, and nothing may stand between them. So the messages between two assistant turns are taken
together: first the tool results in the order of the calls, then what they hold besides text, then everything else.
"""

from collections import deque
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from translator.anthropic.blocks import (
    ContentBlock,
    FallbackBlock,
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolChangeBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from translator.anthropic.events import encode_json
from translator.anthropic.request import Message, MessagesRequest
from translator.chat.request.forms import in_form
from translator.chat.request.parts import ChatParts, text_part
from translator.chat.tags import CLOSING, OPENING
from translator.prompt.content import Part, PartEncoder, as_content, reminder
from translator.prompt.tool_call_ids import UpstreamIds
from translator.prompt.tool_results import EARLIER_RESULT, OpenCall, results_by_call, told_call, told_failure
from translator.prompt.turns import (
    EMPTY_TURN,
    NO_OUTPUT,
    NO_RESULT,
    assistant_texts,
    in_force,
    instructions,
    out_of_place,
    texts,
)
from translator.reasoning_details import Detail
from translator.signatures import unseal, unseal_details
from translator.tool_ids import unwrap
from translator.tool_names import shorten
from translator.traits import Traits

NO_SIGNATURE = "skip_thought_signature_validator"
"""What Gemini takes for a call that another model has made. See https://ai.google.dev/gemini-api/docs/thought-signatures."""

ChatMessage = dict[str, Any]


def encode_messages(request: MessagesRequest, traits: Traits) -> tuple[list[ChatMessage], list[str]]:
    """Return the messages, the system prompt first, and the names of what the model cannot be shown."""
    encoder = _MessagesEncoder(traits)
    system = encoder.parts.texts(instructions(request.system))
    if system:
        encoder.messages.append({"role": traits.instructions_role, "content": system})
    for is_assistant, turn in groupby(in_force(request.messages), key=lambda message: message.role == "assistant"):
        if is_assistant:
            encoder.assistant_turn(list(turn))
        else:
            encoder.user_turn(list(turn))
    encoder.answer_open_calls({})
    if not any(message["role"] != traits.instructions_role for message in encoder.messages):
        encoder.messages.append({"role": "user", "content": EMPTY_TURN})
    messages, formed = in_form(encoder.messages, traits)
    if messages[-1]["role"] == "assistant":
        _trim(messages[-1])
    return messages, [*encoder.parts.dropped, *formed, *out_of_place(request.messages)]


def _trim(beginning: ChatMessage) -> None:
    """Remove whitespace from the end of a begun answer: Claude refuses it, and it disturbs other models."""
    beginning["content"] = beginning["content"].rstrip()


class _MessagesEncoder:
    """Builds the list of messages, and remembers the tool calls without results."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._ids = UpstreamIds(traits)
        self._open_calls: list[OpenCall] = []
        self.messages: list[ChatMessage] = []
        self.parts = PartEncoder(traits, ChatParts())

    def assistant_turn(self, turn: list[Message]) -> None:
        """Add all messages of one assistant turn as one message."""
        blocks = [block for message in turn for block in message.content]
        calls = [block for block in blocks if isinstance(block, ToolUseBlock)]
        text = "\n\n".join(assistant_texts(blocks))
        message: ChatMessage = {"role": "assistant", "content": text}
        if calls:
            if not text and self._traits.empty_assistant_content == "null":
                message["content"] = None
            message["tool_calls"] = [self._call(call, is_first=call is calls[0]) for call in calls]
        self._echo_reasoning(message, blocks)
        self.messages.append(message)

    def _echo_reasoning(self, message: ChatMessage, blocks: list[ContentBlock]) -> None:
        """Give the upstream its own reasoning back: beside tool calls only, or always."""
        match self._traits.reasoning_echo:
            case None:
                pass
            case "reasoning_details":
                details = _details(blocks)
                if details:
                    message["reasoning_details"] = details
            case "think_tags":
                reasoning = _reasoning(blocks)
                if reasoning:
                    text = message["content"] or ""
                    message["content"] = f"{OPENING}\n{reasoning}\n{CLOSING}\n\n{text}"
            case field:
                if "tool_calls" in message:
                    message[field] = _reasoning(blocks)

    def user_turn(self, turn: list[Message]) -> None:
        """Add everything between two assistant turns, tool results first."""
        before = len(self.messages)
        results = results_by_call(turn)
        parts = self.answer_open_calls(results)
        orphans = {id(result) for left in results.values() for result in left}
        for message in turn:
            if message.role == "user":
                parts += self._user_parts(message.content, orphans)
            elif self._traits.mid_system == "keep":
                self._append_user(parts)
                parts = []
                self._append_system(message.content)
            else:
                parts.append(text_part(reminder(texts(message.content))))
        self._append_user(parts)
        if len(self.messages) == before:
            self._append_user([text_part(EMPTY_TURN)])

    def answer_open_calls(self, results: dict[str, deque[ToolResultBlock]]) -> list[Part]:
        """Add one tool message for every open call, also without a result: chat completions demands it.

        The results are consumed. Return the parts of them that only a user message can hold.
        """
        attachments: list[Part] = []
        for call in self._open_calls:
            content: str | list[Part] = NO_RESULT
            if results.get(call.tool_use_id):
                result = results[call.tool_use_id].popleft()
                text, more = self._result(result, count=len(attachments))
                content = as_content(self.parts.marked([text_part(text)], result))
                attachments += more
            self.messages.append({"role": "tool", "tool_call_id": call.upstream_id, "content": content})
        self._open_calls = []
        return attachments

    def _call(self, call: ToolUseBlock, *, is_first: bool) -> dict[str, Any]:
        own = unwrap(call.id)
        upstream_id = self._ids.name(call.id, own)
        self._open_calls.append(OpenCall(call.id, upstream_id))
        arguments = encode_json(call.input).decode("ascii")
        function = {"name": shorten(call.name), "arguments": arguments}
        encoded = {"id": upstream_id, "type": "function", "function": function}
        signature = own.signature if own else None
        if self._traits.thought_signature and (signature or is_first):
            signed = {"thought_signature": signature or NO_SIGNATURE}
            return {**encoded, "extra_content": {self._traits.thought_signature: signed}}
        return encoded

    def _result(self, result: ToolResultBlock, *, count: int) -> tuple[str, list[Part]]:
        """Return the text of a result, and its other parts. `count` attachments stand before these."""
        texts: list[str] = []
        attachments: list[Part] = []
        for part in self.parts.parts(result.content):
            if part["type"] == "text":
                texts.append(part["text"])
            else:
                attachments.append(part)
                texts.append(f"[attachment {count + len(attachments)} below]")
        text = "\n".join(texts) or NO_OUTPUT
        return (told_failure(text) if result.is_error else text), attachments

    def _user_parts(self, blocks: list[ContentBlock], orphans: set[int]) -> list[Part]:
        parts: list[Part] = []
        for block in blocks:
            match block:
                case ToolResultBlock():
                    if id(block) in orphans:
                        text, attachments = self._result(block, count=0)
                        parts += [text_part(f"{EARLIER_RESULT} {text}"), *attachments]
                case ThinkingBlock() | RedactedThinkingBlock() | ToolChangeBlock() | FallbackBlock():
                    pass  # reasoning belongs to assistant turns, and the others are no text
                case ToolUseBlock():
                    parts.append(text_part(told_call(block)))
                case _:
                    parts += self.parts.parts([block])
        return parts

    def _append_user(self, parts: list[Part]) -> None:
        if parts:
            self.messages.append({"role": "user", "content": as_content(parts)})

    def _append_system(self, blocks: list[ContentBlock]) -> None:
        content = self.parts.texts(block for block in blocks if isinstance(block, TextBlock))
        self.messages.append({"role": self._traits.instructions_role, "content": content})


def _reasoning(blocks: Iterable[ContentBlock]) -> str:
    """Return our own thinking of the turn. An upstream that wants it back wants the field also where it is empty."""
    thinking = (unseal(block.thinking, block.signature) for block in blocks if isinstance(block, ThinkingBlock))
    return "\n".join(text for text in thinking if text)


def _details(blocks: Iterable[ContentBlock]) -> list[Detail]:
    """Return our own thinking of the turn in the upstream's form."""
    thinking = (block for block in blocks if isinstance(block, ThinkingBlock))
    return [detail for block in thinking for detail in unseal_details(block.signature)]
