"""The conversation: Anthropic's messages to those of chat completions.

Chat completions is strict where Anthropic is not: every tool call is followed at once by one tool message each, tool
messages hold only text, and nothing may stand between them. So the messages between two assistant turns are taken
together: first the tool results in the order of the calls, then what they hold besides text, then everything else.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from translator.anthropic.blocks import (
    ContentBlock,
    OpaqueBlock,
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from translator.anthropic.events import encode_json
from translator.anthropic.request import Message, MessagesRequest
from translator.chat.content import Part, PartEncoder, as_content, as_text, text_part
from translator.chat.tool_call_ids import upstream_ids
from translator.signatures import unseal
from translator.tool_names import shorten
from translator.traits import Traits

ATTRIBUTION = "x-anthropic-billing-header:"
"""Begins Claude Code's attribution block, whose nonce would spoil every other upstream's prompt cache."""

NO_OUTPUT = "(no output)"
NO_RESULT = "[no result]"
EMPTY_TURN = "(empty)"

ChatMessage = dict[str, Any]


def encode_messages(request: MessagesRequest, traits: Traits) -> tuple[list[ChatMessage], list[str]]:
    """The messages, the system prompt first, and the names of what could not be shown to the model."""
    encoder = _MessagesEncoder(request.messages, traits)
    system = instructions(request.system)
    if system:
        encoder.messages.append({"role": traits.instructions_role, "content": system})
    for is_assistant, turn in _turns(request.messages):
        if is_assistant:
            encoder.assistant_turn(turn)
        else:
            encoder.user_turn(turn)
    encoder.answer_open_calls()
    if not any(message["role"] != traits.instructions_role for message in encoder.messages):
        encoder.messages.append({"role": "user", "content": EMPTY_TURN})
    return encoder.messages, encoder.parts.dropped


def instructions(blocks: Sequence[TextBlock]) -> str:
    """The system prompt as one text, without Claude Code's attribution."""
    return "\n\n".join(block.text for block in blocks if block.text.strip() and not block.text.startswith(ATTRIBUTION))


def _turns(messages: list[Message]) -> Iterable[tuple[bool, list[Message]]]:
    """Runs of assistant messages, and runs of all others."""
    run: list[Message] = []
    for message in _in_force(messages):
        if run and (run[-1].role == "assistant") != (message.role == "assistant"):
            yield run[-1].role == "assistant", run
            run = []
        run.append(message)
    if run:
        yield run[-1].role == "assistant", run


def _in_force(messages: list[Message]) -> Iterable[Message]:
    """All messages but the system messages that a later user message has cleared."""
    last_user = max((at for at, message in enumerate(messages) if message.role == "user"), default=-1)
    for at, message in enumerate(messages):
        if message.clear_at != "next_user_message" or at > last_user:
            yield message


class _MessagesEncoder:
    """Builds the list; remembers the tool calls that have had no result yet."""

    def __init__(self, conversation: list[Message], traits: Traits) -> None:
        self._traits = traits
        self._ids = upstream_ids(conversation, traits)
        self._open_calls: list[str] = []
        self.messages: list[ChatMessage] = []
        self.parts = PartEncoder(traits)

    def assistant_turn(self, turn: list[Message]) -> None:
        """All messages of one assistant turn as one message."""
        self.answer_open_calls()
        blocks = [block for message in turn for block in message.content]
        calls = [block for block in blocks if isinstance(block, ToolUseBlock)]
        text = "\n\n".join(_assistant_texts(blocks))
        if not text and not calls:
            return
        message: ChatMessage = {"role": "assistant", "content": text}
        if calls:
            if not text and self._traits.empty_assistant_content == "null":
                message["content"] = None
            message["tool_calls"] = [self._call(call) for call in calls]
            self._open_calls = [call.id for call in calls]
            if self._traits.reasoning_echo:
                message[self._traits.reasoning_echo] = _reasoning(blocks)
        self.messages.append(message)

    def user_turn(self, turn: list[Message]) -> None:
        """Everything between two assistant turns: tool results first."""
        blocks = [block for message in turn for block in message.content]
        answered: dict[str, ToolResultBlock] = {}
        for block in blocks:
            if isinstance(block, ToolResultBlock) and block.tool_use_id in self._open_calls:
                answered.setdefault(block.tool_use_id, block)
        attachments = [part for result in self._in_call_order(answered) for part in self._tool_message(result)]
        self.answer_open_calls()
        parts = attachments
        for message in turn:
            rest = [block for block in message.content if block not in answered.values()]
            if message.role == "user":
                parts += self._user_parts(rest)
            elif self._traits.mid_system == "keep":
                self._append_user(parts)
                parts = []
                self._append_system(rest)
            else:
                parts += _reminder(rest)
        self._append_user(parts)

    def answer_open_calls(self) -> None:
        """Chat completions wants an answer to every call, also where the caller has none."""
        for call in self._open_calls:
            self.messages.append({"role": "tool", "tool_call_id": self._ids[call], "content": NO_RESULT})
        self._open_calls = []

    def _in_call_order(self, answered: dict[str, ToolResultBlock]) -> list[ToolResultBlock]:
        return [answered[call] for call in self._open_calls if call in answered]

    def _call(self, call: ToolUseBlock) -> dict[str, Any]:
        arguments = encode_json(call.input).decode("ascii")
        return {
            "id": self._ids[call.id],
            "type": "function",
            "function": {"name": shorten(call.name), "arguments": arguments},
        }

    def _tool_message(self, result: ToolResultBlock) -> list[Part]:
        """Append the tool message, and return what of the result only a user message can hold."""
        text, attachments = self._result(result)
        self.messages.append({"role": "tool", "tool_call_id": self._ids[result.tool_use_id], "content": text})
        self._open_calls.remove(result.tool_use_id)
        return attachments

    def _result(self, result: ToolResultBlock) -> tuple[str, list[Part]]:
        texts: list[str] = []
        attachments: list[Part] = []
        for part in self.parts.parts(result.content):
            if part["type"] == "text":
                texts.append(part["text"])
            else:
                attachments.append(part)
                texts.append(f"[attachment {len(attachments)} is in the next message]")
        text = "\n".join(texts) or NO_OUTPUT
        if result.is_error and not text.startswith(("Error", "<tool_use_error>")):
            text = f"Error: {text}"
        return text, attachments

    def _user_parts(self, blocks: list[ContentBlock]) -> list[Part]:
        parts: list[Part] = []
        for block in blocks:
            match block:
                case ToolResultBlock():
                    text, attachments = self._result(block)
                    parts += [text_part(f"[result of an earlier tool call] {text}"), *attachments]
                case ThinkingBlock() | RedactedThinkingBlock():
                    pass  # reasoning belongs to assistant turns; a user cannot have any
                case ToolUseBlock():
                    parts.append(text_part(f"[call of the tool {block.name}]"))
                case _:
                    parts += self.parts.parts([block])
        return parts

    def _append_user(self, parts: list[Part]) -> None:
        if parts:
            self.messages.append({"role": "user", "content": as_content(parts)})

    def _append_system(self, blocks: list[ContentBlock]) -> None:
        text = "\n\n".join(_texts(blocks))
        if text:
            self.messages.append({"role": self._traits.instructions_role, "content": text})


def _texts(blocks: Iterable[ContentBlock]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, TextBlock) and block.text.strip()]


def _assistant_texts(blocks: Iterable[ContentBlock]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, TextBlock) and block.text.strip():
            yield block.text
        elif isinstance(block, OpaqueBlock):
            yield as_text(block)


def _reasoning(blocks: Iterable[ContentBlock]) -> str:
    """Our own thinking of the turn; an upstream that wants it back wants the field also where it is empty."""
    thinking = (unseal(block.thinking, block.signature) for block in blocks if isinstance(block, ThinkingBlock))
    return "\n".join(text for text in thinking if text)


def _reminder(blocks: Iterable[ContentBlock]) -> list[Part]:
    """A system message among the others, in the form in which Claude Code itself folds one into a user message."""
    text = "\n\n".join(_texts(blocks))
    return [text_part(f"<system-reminder>\n{text}\n</system-reminder>")] if text else []
