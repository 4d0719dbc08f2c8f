"""The content blocks of a request, one class per shape, told apart by `type`.

Source: POST /v1/messages, `InputContentBlock` and `BetaInputContentBlock` of the official OpenAPI description.
Fields that no upstream but Anthropic could use are not read.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from translator.anthropic.shape import Shape
from translator.anthropic.sources import Base64ImageSource, Base64Source, TextSource, UrlSource, refused
from translator.anthropic.tools import CustomTool, Tool, TypedTool

ToolUseId = Annotated[str, Field(min_length=1)]
"""Any: a conversation begun behind another gateway has ids that the real API refuses, and upstreams get ours anyway."""


class CacheControl(Shape):
    """A mark that the prompt is to be kept up to here, and for how long."""

    type: str
    ttl: str | None = None


class CacheableBlock(Shape):
    """A block up to which the prompt can be kept cached."""

    cache_control: CacheControl | None = None


class TextBlock(CacheableBlock):
    """Text."""

    type: Literal["text"]
    text: str


class ImageTransformations(Shape):
    """What may happen to a picture before the model sees it: one that is too large is scaled, or is an `error`."""

    oversized_image: str | None = None


class ImageBlock(CacheableBlock):
    """A picture: JPEG, PNG, GIF or WebP."""

    type: Literal["image"]
    transformations: ImageTransformations | None = None
    source: Annotated[Base64ImageSource | UrlSource, Field(discriminator="type"), refused("file")]


def _as_blocks(content: object) -> object:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


class ContentSource(Shape):
    """A document given as text and image blocks."""

    type: Literal["content"]
    content: Annotated[
        list[Annotated[TextBlock | ImageBlock, Field(discriminator="type")]], BeforeValidator(_as_blocks)
    ]


class CitationsConfig(Shape):
    """Whether the answer shall say what in the block it has used."""

    enabled: bool | None = None


class CitableBlock(CacheableBlock):
    """A source that an answer can cite."""

    citations: CitationsConfig | None = None


class DocumentBlock(CitableBlock):
    """A document, with a title and a context that the model may use."""

    type: Literal["document"]
    source: Annotated[Base64Source | TextSource | ContentSource, Field(discriminator="type"), refused("file", "url")]
    title: str | None = None
    context: str | None = None


class SearchResultBlock(CitableBlock):
    """A search result that the caller has found."""

    type: Literal["search_result"]
    source: str
    title: str
    content: list[TextBlock]


class ThinkingBlock(Shape):
    """Reasoning of an earlier turn, echoed with the signature that came with it."""

    type: Literal["thinking"]
    thinking: str
    signature: str = ""


class RedactedThinkingBlock(Shape):
    """Reasoning that only its maker can read."""

    type: Literal["redacted_thinking"]
    data: str


class ToolUseBlock(Shape):
    """A tool call of an earlier turn."""

    type: Literal["tool_use"]
    id: ToolUseId
    name: str = Field(min_length=1, max_length=200)
    input: dict[str, Any]


class ToolReferenceBlock(Shape):
    """A tool that a search has found, by name."""

    type: Literal["tool_reference"]
    tool_name: str


class ToolDefinition(Shape):
    """A tool that is defined where it is added, as `tools` would define it (beta inline-tools-2026-09-15)."""

    type: Literal["tool_definition"]
    definition: Tool


def _change_tag(tool: object) -> str:
    kind = tool.get("type") if isinstance(tool, Mapping) else getattr(tool, "type", None)
    return "tool_definition" if kind == "tool_definition" else "tool_reference"


class ToolChangeBlock(Shape):
    """From here on a tool is offered, or no longer; `tool` defines it or refers to it, most often by `name`."""

    type: Literal["tool_addition", "tool_removal"]
    tool: Annotated[
        Annotated[ToolDefinition, Tag("tool_definition")] | Annotated[dict[str, Any], Tag("tool_reference")],
        Discriminator(_change_tag),
    ]

    @property
    def defined(self) -> CustomTool | TypedTool | None:
        """The tool that is defined here."""
        return self.tool.definition if isinstance(self.tool, ToolDefinition) else None

    @property
    def name(self) -> str | None:
        """Which tool it is about; None for a whole toolset."""
        if isinstance(self.tool, ToolDefinition):
            return self.tool.definition.name
        name = self.tool.get("name")
        return name if isinstance(name, str) else None


Instructions = Annotated[list[TextBlock], BeforeValidator(_as_blocks)]
"""The system prompt: a string stands for one text block."""


class MidConversationSystemBlock(CacheableBlock):
    """Instructions of the system's among what a user says, and changes of the tools that come with them."""

    type: Literal["mid_conv_system"]
    content: Annotated[
        list[Annotated[TextBlock | ToolChangeBlock, Field(discriminator="type")]], BeforeValidator(_as_blocks)
    ]

    @property
    def instructions(self) -> list[TextBlock]:
        """What the model is told."""
        return [block for block in self.content if isinstance(block, TextBlock)]


class FallbackBlock(Shape):
    """Where another model has taken over in an earlier turn: by the description it is no part of the prompt."""

    type: Literal["fallback"]


class OpaqueBlock(BaseModel):
    """A block of a feature that runs at Anthropic: kept whole, shown to other upstreams as text."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    type: Literal[
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "advisor_tool_result",
        "mcp_tool_use",
        "mcp_tool_result",
        "mcp_tool_listing",
        "container_upload",
        "compaction",
        "browser_state",
    ]


ToolResultContent = Annotated[
    TextBlock | ImageBlock | DocumentBlock | SearchResultBlock | ToolReferenceBlock | OpaqueBlock,
    Field(discriminator="type"),
]


class ToolResultBlock(CacheableBlock):
    """What a tool has answered."""

    type: Literal["tool_result"]
    tool_use_id: ToolUseId
    content: Annotated[list[ToolResultContent], BeforeValidator(_as_blocks)] = Field(default_factory=list)
    is_error: bool | None = None


ContentBlock = Annotated[
    TextBlock
    | ImageBlock
    | DocumentBlock
    | SearchResultBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ToolResultBlock
    | ToolReferenceBlock
    | ToolChangeBlock
    | MidConversationSystemBlock
    | FallbackBlock
    | OpaqueBlock,
    Field(discriminator="type"),
]

Content = Annotated[list[ContentBlock], BeforeValidator(_as_blocks)]
"""A message's content: a string stands for one text block."""
