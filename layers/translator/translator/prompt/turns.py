"""Reads the conversation for every dialect: which messages are in force, and what is out of place."""

from collections.abc import Iterable, Sequence

from translator.anthropic.blocks import (
    ContentBlock,
    FallbackBlock,
    OpaqueBlock,
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolChangeBlock,
    ToolUseBlock,
)
from translator.anthropic.request import Message
from translator.prompt.content import as_text

ATTRIBUTION = "x-anthropic-billing-header:"
"""Begins Claude Code's attribution block, whose nonce would spoil every other upstream's prompt cache."""

NO_OUTPUT = "(no output)"
NO_RESULT = "[no result]"
EMPTY_TURN = "(empty)"
ASSISTANTS_OWN_BLOCKS = (ToolUseBlock, ThinkingBlock, RedactedThinkingBlock)
ASSISTANT_BLOCKS = (TextBlock, OpaqueBlock, FallbackBlock, *ASSISTANTS_OWN_BLOCKS)
SYSTEM_BLOCKS = (TextBlock, ToolChangeBlock)


def instructions(blocks: Sequence[TextBlock]) -> Iterable[TextBlock]:
    """The blocks of the system prompt, without Claude Code's attribution."""
    return (block for block in blocks if not block.text.startswith(ATTRIBUTION))


def in_force(messages: list[Message], *, with_thinking: bool = False) -> Iterable[Message]:
    """All messages but those that say nothing, and the system messages that a later user message has cleared.

    An empty message would part two turns that belong together. Only a user's is kept: it is a turn of its own. With
    `with_thinking` an assistant's that only thinks is kept too: clients may send the blocks of a turn one by one.
    """
    last_user = max((at for at, message in enumerate(messages) if message.role == "user"), default=-1)
    for at, message in enumerate(messages):
        is_cleared = message.clear_at == "next_user_message" and at < last_user
        if not is_cleared and (message.role == "user" or _says_something(message, with_thinking=with_thinking)):
            yield message


def _says_something(message: Message, *, with_thinking: bool) -> bool:
    if message.role == "assistant":
        return any(True for _ in assistant_texts(message.content)) or any(
            isinstance(block, (ToolUseBlock, ThinkingBlock) if with_thinking else ToolUseBlock)
            for block in message.content
        )
    return bool(texts(message.content))


def out_of_place(messages: list[Message]) -> Iterable[str]:
    """The types of the blocks that only another could send than who does."""
    return (block.type for message in messages for block in message.content if not _is_in_place(block, message.role))


def _is_in_place(block: ContentBlock, role: str) -> bool:
    match role:
        case "user":
            return not isinstance(block, ASSISTANTS_OWN_BLOCKS)
        case "assistant":
            return isinstance(block, ASSISTANT_BLOCKS)
        case _:
            return isinstance(block, SYSTEM_BLOCKS)


def texts(blocks: Iterable[ContentBlock]) -> list[str]:
    """What the text blocks say, where they say something."""
    return [block.text for block in blocks if isinstance(block, TextBlock) and block.text.strip()]


def assistant_texts(blocks: Iterable[ContentBlock]) -> Iterable[str]:
    """What an assistant has said, and what stands for blocks of Anthropic's own."""
    for block in blocks:
        if isinstance(block, TextBlock) and block.text.strip():
            yield block.text
        elif isinstance(block, OpaqueBlock):
            yield as_text(block)
