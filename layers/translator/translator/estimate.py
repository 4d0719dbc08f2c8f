"""An estimate of the input tokens of a request, for `message_start` and count_tokens, without a tokenizer.

It is meant to be too high rather than too low, so that clients compact in time: about three bytes of UTF-8 to a token,
where English text has four and code three and a half.
"""

from collections.abc import Sequence

from translator.anthropic.blocks import (
    ContentBlock,
    ContentSource,
    DocumentBlock,
    ImageBlock,
    RedactedThinkingBlock,
    SearchResultBlock,
    TextBlock,
    TextSource,
    ThinkingBlock,
    ToolChangeBlock,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from translator.anthropic.events import encode_json
from translator.anthropic.request import CountTokensRequest, CustomTool, MessagesRequest
from translator.signatures import unseal

BYTES_PER_TOKEN = 3
TOKENS_PER_MESSAGE = 5
TOKENS_PER_IMAGE = 1_600
"""What Anthropic states for its largest pictures."""
BYTES_PER_PDF_TOKEN = 20
TOKENS_PER_TYPED_TOOL = 350


def estimate_input_tokens(request: MessagesRequest | CountTokensRequest) -> int:
    """Tokens of the system prompt, the messages and the tools; at least 1."""
    text = sum(_bytes(block.text) for block in request.system)
    fixed = 0
    for message in request.messages:
        fixed += TOKENS_PER_MESSAGE
        more_text, more_fixed = _content(message.content)
        text += more_text
        fixed += more_fixed
    for tool in request.tools or ():
        if isinstance(tool, CustomTool):
            text += _bytes(tool.name) + _bytes(tool.description or "") + len(encode_json(tool.input_schema))
            text += len(encode_json(tool.input_examples or []))
            fixed += TOKENS_PER_MESSAGE
        else:
            fixed += TOKENS_PER_TYPED_TOOL
    return max(1, fixed + -(-text // BYTES_PER_TOKEN))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _content(blocks: Sequence[ContentBlock]) -> tuple[int, int]:
    """The bytes of text in the blocks, and the tokens of what is not text."""
    text = fixed = 0
    for block in blocks:
        more_text, more_fixed = _block(block)
        text += more_text
        fixed += more_fixed
    return text, fixed


def _block(block: ContentBlock) -> tuple[int, int]:
    match block:
        case TextBlock():
            return _bytes(block.text), 0
        case ThinkingBlock():
            return _bytes(unseal(block.thinking, block.signature) or block.thinking), 0
        case ToolUseBlock():
            return _bytes(block.name) + len(encode_json(block.input)), TOKENS_PER_MESSAGE
        case ToolResultBlock():
            text, fixed = _content(block.content)
            return text, fixed + TOKENS_PER_MESSAGE
        case ImageBlock():
            return 0, TOKENS_PER_IMAGE
        case DocumentBlock():
            return _document(block)
        case SearchResultBlock():
            return sum(_bytes(part.text) for part in block.content) + _bytes(block.title + block.source), 0
        case ToolReferenceBlock():
            return _bytes(block.tool_name), 0
        case ToolChangeBlock():
            return 0, 0
        case RedactedThinkingBlock():
            return len(block.data), 0
        case opaque:
            return len(encode_json(opaque.model_dump())), 0


def _document(block: DocumentBlock) -> tuple[int, int]:
    named = _bytes((block.title or "") + (block.context or ""))
    match block.source:
        case TextSource():
            return named + _bytes(block.source.data), 0
        case ContentSource():
            text, fixed = _content(block.source.content)
            return named + text, fixed
        case base64:
            return named, len(base64.data) // BYTES_PER_PDF_TOKEN
