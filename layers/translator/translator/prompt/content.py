"""Turns content blocks into the parts of what a user sends, and into text."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from translator.anthropic.blocks import (
    CacheableBlock,
    CitableBlock,
    ContentSource,
    DocumentBlock,
    ImageBlock,
    MidConversationSystemBlock,
    OpaqueBlock,
    SearchResultBlock,
    TextBlock,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolResultContent,
)
from translator.anthropic.events import encode_json
from translator.anthropic.sources import Base64Source, TextSource, UrlSource
from translator.traits import Traits

Part = dict[str, Any]
PDF = "application/pdf"

UNREADABLE = frozenset({"cache_control", "encrypted_content", "encrypted_index", "encrypted_stdout"})
"""Fields of Anthropic's own blocks that mean nothing to another model."""


class PartWords(Protocol):
    """What a dialect calls the parts of content."""

    marks_tool_results: bool
    """Whether a part of a tool's result can end what OpenAI is to cache."""

    def text(self, text: str) -> Part:
        """A text."""

    def image(self, url: str) -> Part:
        """A picture, at an address or as a data URL."""

    def file(self, filename: str, data_url: str) -> Part:
        """A PDF document."""


def reminder(texts: Iterable[str]) -> str:
    """The system's word among the user's, in the form in which Claude Code itself folds one into a user message."""
    text = "\n\n".join(texts)
    return f"<system-reminder>\n{text}\n</system-reminder>"


def as_content(parts: list[Part]) -> str | list[Part]:
    """A single text as a plain string, which every server takes, unless it is marked for a cache."""
    return parts[0]["text"] if len(parts) == 1 and parts[0].keys() == {"type", "text"} else parts


class PartEncoder:
    """Encodes what users send; collects in `dropped` what the model cannot take."""

    def __init__(self, traits: Traits, words: PartWords) -> None:
        self._traits = traits
        self._words = words
        self.dropped: list[str] = []

    def text(self, text: str) -> Part:
        """A text of our own."""
        return self._words.text(text)

    def parts(self, blocks: Iterable[ToolResultContent | MidConversationSystemBlock]) -> list[Part]:
        """The parts of the blocks, in order; empty text is left out, since upstreams refuse it."""
        return [part for block in blocks for part in self.marked(self._block(block), block)]

    def texts(self, blocks: Iterable[TextBlock]) -> str | list[Part]:
        """Text blocks as one text, or as parts where one is marked for a cache that the upstream keeps."""
        parts = self.parts(blocks)
        if any(self._traits.cache_marker in part for part in parts):
            return parts
        return "\n\n".join(part["text"] for part in parts)

    def marked(self, parts: list[Part], block: object) -> list[Part]:
        """The parts of a block, the last of which ends what is to be cached, if the caller has marked the block."""
        marker = block.cache_control if isinstance(block, CacheableBlock) else None
        if not parts or marker is None:
            return parts
        return [*parts[:-1], {**parts[-1], **self._marker(marker.model_dump(exclude_none=True), block)}]

    def _marker(self, marker: Mapping[str, Any], block: object) -> Part:
        match self._traits.cache_marker:
            case "cache_control":
                return {"cache_control": marker}
            case "prompt_cache_breakpoint" if self._words.marks_tool_results or not isinstance(block, ToolResultBlock):
                # https://developers.openai.com/api/docs/guides/prompt-caching: at least half an hour, unless told.
                lasts = {"ttl": "12h"} if marker.get("ttl") == "1h" else {}
                return {"prompt_cache_breakpoint": {"mode": "explicit", **lasts}}
            case _:
                return {}

    def _block(self, block: ToolResultContent | MidConversationSystemBlock) -> list[Part]:
        if isinstance(block, CitableBlock) and block.citations and block.citations.enabled:
            self.dropped.append("citations")
        match block:
            case TextBlock():
                return [self._words.text(block.text)] if block.text.strip() else []
            case ImageBlock():
                return [self._image(block)]
            case DocumentBlock():
                return self._document(block)
            case SearchResultBlock():
                body = "\n".join(part.text for part in block.content)
                return [self._words.text(f"{block.title}\nSource: {block.source}\n\n{body}")]
            case ToolReferenceBlock():
                return [self._words.text(f"Tool loaded: {block.tool_name}")]
            case MidConversationSystemBlock():
                texts = [part.text for part in block.instructions if part.text.strip()]
                return [self._words.text(reminder(texts))] if texts else []
            case _:
                return [self._words.text(as_text(block))]

    def _image(self, block: ImageBlock) -> Part:
        if not self._traits.images:
            self.dropped.append("image")
            return self._words.text("[An image stands here that this model cannot see.]")
        if block.transformations and block.transformations.oversized_image == "error":
            self.dropped.append("image.transformations")  # upstreams scale what is too large for them
        source = block.source
        url = source.url if isinstance(source, UrlSource) else f"data:{source.media_type};base64,{source.data}"
        return self._words.image(url)

    def _document(self, block: DocumentBlock) -> list[Part]:
        heading = [self._words.text(text) for text in (block.title, block.context) if text and text.strip()]
        match block.source:
            case TextSource(data=data):
                return heading + ([self._words.text(data)] if data.strip() else [])
            case ContentSource(content=content):
                return heading + self.parts(content)
            case source:
                return [*heading, self._file(source, block.title or "document.pdf")]

    def _file(self, source: Base64Source, filename: str) -> Part:
        if source.media_type == PDF and self._traits.pdf:
            return self._words.file(filename, f"data:{PDF};base64,{source.data}")
        self.dropped.append("document")
        return self._words.text(f"[A document ({source.media_type}) stands here that this model cannot read.]")


def as_text(block: OpaqueBlock) -> str:
    """A block of a feature of Anthropic's own, as text for other models."""
    fields = block.model_extra or {}
    content = fields.get("content")
    if block.type == "compaction" and isinstance(content, str) and content.strip():
        return content
    return f"[{block.type}] {encode_json(_readable(fields)).decode('ascii')}"


def _readable(value: object) -> object:
    """The value without what only Anthropic can read."""
    if isinstance(value, dict):
        return {name: _readable(item) for name, item in value.items() if name not in UNREADABLE}
    return [_readable(item) for item in value] if isinstance(value, list) else value
