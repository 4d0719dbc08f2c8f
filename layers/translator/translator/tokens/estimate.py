"""Estimates the input tokens of a request, for `message_start` and count_tokens.

Text is counted by `tokens.counting`. What is not text, and what surrounds it in a prompt, is counted rather too high
than too low, so that clients compact in time.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from json import JSONEncoder
from math import ceil
from typing import NamedTuple

from translator.anthropic.blocks import (
    ContentBlock,
    ContentSource,
    DocumentBlock,
    FallbackBlock,
    ImageBlock,
    RedactedThinkingBlock,
    SearchResultBlock,
    TextBlock,
    ThinkingBlock,
    ToolChangeBlock,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from translator.anthropic.request import Prompt
from translator.anthropic.sources import Base64Source, TextSource
from translator.anthropic.tools import CustomTool
from translator.signatures import unseal
from translator.tokens.counting import CountText
from translator.tokens.image_size import image_size

TOKENS_PER_MESSAGE = 5
TOKENS_PER_TOOL = 12
"""What stands around a tool's own JSON."""
TOKENS_PER_TYPED_TOOL = 350
MOST_TOKENS_OF_AN_IMAGE = 1_600
"""What Anthropic states for its largest pictures; also for a picture of unknown size."""
PIXELS_PER_TOKEN = 750
"""Anthropic's rule: https://platform.claude.com/docs/en/build-with-claude/vision."""
TILE, TOKENS_PER_TILE, TOKENS_PER_PICTURE = 512, 170, 85
"""OpenAI's, for pictures in detail; Google's 258 for each 768 pixels are fewer."""
BASE64_PER_PDF_TOKEN = 20
LEAST_BYTES_PER_TOKEN = 2
"""Of prose and code."""
USUAL_BYTES_PER_TOKEN = 3.5
"""Of the same; rather few, so that the estimate is rather high."""

_to_json = JSONEncoder(ensure_ascii=False, check_circular=False).encode
"""With a space after each comma and colon, as the chat templates of open models write a tool."""


class PromptSize(NamedTuple):
    """The size of a prompt, as far as it is known without a tokenizer."""

    texts: list[str]
    fixed: int
    """The tokens of everything but text."""
    length: int
    """The bytes of the texts in UTF-8."""

    def tokens(self, count: CountText) -> int:
        """Return all tokens, at least 1, with a model's `count`."""
        return max(1, self.fixed + ceil(sum(map(count, self.texts))))

    @property
    def guessed_most(self) -> int:
        """Return an upper bound for prose and code, without a count.

        Numbers, digests and some scripts may exceed it.
        """
        return self.fixed + len(self.texts) + self.length // LEAST_BYTES_PER_TOKEN

    @property
    def estimate(self) -> int:
        """Return an estimate of all tokens, at least 1, without a count."""
        return max(1, self.fixed + ceil(self.length / USUAL_BYTES_PER_TOKEN))


def prompt_size(request: Prompt) -> PromptSize:
    """Return the size of the system prompt, the messages and the tools."""
    blocks = list(chain(request.system, *(message.content for message in request.messages)))
    tools = (*(request.tools or ()), *request.inline_tools)
    texts = [text for block in blocks for text in _texts(block)]
    texts += [_tool_json(tool) for tool in tools if isinstance(tool, CustomTool)]
    fixed = len(request.messages) * TOKENS_PER_MESSAGE + sum(map(_fixed, blocks))
    fixed += sum(TOKENS_PER_TOOL if isinstance(tool, CustomTool) else TOKENS_PER_TYPED_TOOL for tool in tools)
    return PromptSize(texts, fixed, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))


def estimate_input_tokens(request: Prompt, count: CountText) -> int:
    """Return the input tokens of a request, at least 1, with a model's `count`."""
    return prompt_size(request).tokens(count)


def _tool_json(tool: CustomTool) -> str:
    examples = {"input_examples": tool.input_examples} if tool.input_examples else {}
    return _to_json(
        {"name": tool.name, "description": tool.description or "", "parameters": tool.input_schema, **examples}
    )


def _texts(block: ContentBlock) -> Iterator[str]:
    """Yield the texts of a block that a model reads."""
    match block:
        case TextBlock():
            yield block.text
        case ThinkingBlock():
            yield unseal(block.thinking, block.signature) or block.thinking
        case ToolUseBlock():
            yield block.name
            yield _to_json(block.input)
        case ToolResultBlock():
            yield from _all_texts(block.content)
        case DocumentBlock():
            yield from _document_texts(block)
        case SearchResultBlock():
            yield from (block.title, block.source, *(part.text for part in block.content))
        case ToolReferenceBlock():
            yield block.tool_name
        case RedactedThinkingBlock():
            yield block.data
        case ImageBlock() | ToolChangeBlock() | FallbackBlock():
            return
        case opaque:
            yield _to_json(opaque.model_dump())


def _document_texts(block: DocumentBlock) -> Iterator[str]:
    yield from filter(None, (block.title, block.context))
    if isinstance(block.source, TextSource):
        yield block.source.data
    elif isinstance(block.source, ContentSource):
        yield from _all_texts(block.source.content)


def _all_texts(blocks: Sequence[ContentBlock]) -> Iterator[str]:
    return chain.from_iterable(map(_texts, blocks))


def _fixed(block: ContentBlock) -> int:
    """Return the tokens of a block beside its texts."""
    match block:
        case ToolUseBlock():
            return TOKENS_PER_MESSAGE
        case ToolResultBlock():
            return TOKENS_PER_MESSAGE + sum(map(_fixed, block.content))
        case ImageBlock():
            return _image(block)
        case DocumentBlock(source=ContentSource(content=content)):
            return sum(map(_fixed, content))
        case DocumentBlock(source=Base64Source(data=data)):
            return len(data) // BASE64_PER_PDF_TOKEN
        case _:
            return 0


def _image(block: ImageBlock) -> int:
    """Return the tokens of a picture, by Anthropic's rule or by OpenAI's, the greater of both."""
    size = image_size(block.source.data) if isinstance(block.source, Base64Source) else None
    if size is None:
        return MOST_TOKENS_OF_AN_IMAGE
    width, height = size
    tiles = -(-width // TILE) * -(-height // TILE)
    tokens = max(width * height // PIXELS_PER_TOKEN, TOKENS_PER_PICTURE + TOKENS_PER_TILE * tiles)
    return min(tokens, MOST_TOKENS_OF_AN_IMAGE)
