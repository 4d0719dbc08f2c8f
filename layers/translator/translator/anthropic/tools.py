"""The tools of a request: the caller's own, and those that Anthropic defines."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from translator.anthropic.shape import Shape
from translator.anthropic.validation import TYPED_TOOL

WEB_SEARCH = "web_search_"
"""What the types of all its versions begin with."""


class CustomTool(Shape):
    """A tool of the caller's own."""

    name: str = Field(min_length=1)
    description: str | None = None
    input_schema: dict[str, Any]
    input_examples: list[dict[str, Any]] | None = None
    strict: bool | None = None
    defer_loading: bool | None = None


class TypedTool(BaseModel):
    """A tool that Anthropic defines, named by a dated type; what else it holds depends on the type."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    type: str
    name: str | None = None
    input_examples: list[dict[str, Any]] | None = None
    strict: bool | None = None

    @property
    def is_web_search(self) -> bool:
        """Whether it is a search of the web, of any version."""
        return self.type.startswith(WEB_SEARCH)


class UserLocation(Shape):
    """Where a search is made from, about."""

    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class WebSearchSettings(Shape):
    """What else a search of the web holds, in every version."""

    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None
    max_uses: int | None = Field(default=None, ge=1)
    user_location: UserLocation | None = None


def _tool_tag(tool: object) -> str:
    kind = tool.get("type") if isinstance(tool, Mapping) else getattr(tool, "type", None)
    return "custom" if kind in (None, "custom") else TYPED_TOOL


Tool = Annotated[Annotated[CustomTool, Tag("custom")] | Annotated[TypedTool, Tag(TYPED_TOOL)], Discriminator(_tool_tag)]
