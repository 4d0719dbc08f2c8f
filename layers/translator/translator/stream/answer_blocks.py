"""The content blocks of an answer, each with the deltas that it is sent in.

Source: POST /v1/messages, `ContentBlock` and `ContentBlockDeltaEvent` of the official OpenAPI description.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from translator.partial_json import ObjectScan, is_complete_object
from translator.reasoning_details import ReasoningDetails
from translator.signatures import seal
from translator.stream.arguments import Arguments
from translator.stream.halves import Halves

ThinkingDisplay = Literal["shown", "omitted", "dropped"]
"""Thinking text is sent, only sealed in the signature, or not sent at all (the caller has switched thinking off)."""

WebSearchErrorCode = Literal["unavailable"]
"""Of `WebSearchToolResultErrorCode` the one that is ever sent."""


class WebSearchResult(NamedTuple):
    """A page that a search has found."""

    url: str
    title: str


WebSearchOutcome = Sequence[WebSearchResult] | WebSearchErrorCode

DIRECT = {"type": "direct"}
"""The caller of a tool: the model itself, and no code that it has written."""


@dataclass(slots=True, eq=False)
class _Block:
    """One block of an answer; `start` is its form in `content_block_start`."""

    pieces: list[str] = field(default_factory=list, kw_only=True)
    halves: Halves = field(default_factory=Halves, kw_only=True)

    def delta(self, piece: str) -> dict[str, Any] | None:  # noqa: ARG002 -- of some blocks nothing is sent
        """Return the delta for the next piece."""
        return None

    def last_delta(self) -> dict[str, Any] | None:
        """Return the delta that is sent before the block ends, if there is one."""
        return None


@dataclass(slots=True, eq=False)
class SealedThinking(_Block):
    """A thinking block that shows no text: the signature holds it."""

    details: ReasoningDetails = field(default_factory=ReasoningDetails)
    signature: str | None = None
    """The signature, where the dialect makes its own."""

    def start(self) -> dict[str, Any]:
        """Return the block without a signature, which comes last."""
        return {"type": "thinking", "thinking": "", "signature": ""}

    def last_delta(self) -> dict[str, Any] | None:
        """Return the signature."""
        signature = self.signature or seal("".join(self.pieces), self.details.whole)
        return {"type": "signature_delta", "signature": signature}


@dataclass(slots=True, eq=False)
class Thinking(SealedThinking):
    """A thinking block whose text is shown."""

    def delta(self, piece: str) -> dict[str, Any] | None:
        """Return the text."""
        return {"type": "thinking_delta", "thinking": piece}

    def last_delta(self) -> dict[str, Any] | None:
        """Return the signature."""
        return {"type": "signature_delta", "signature": self.signature or seal(None, self.details.whole)}


@dataclass(slots=True, eq=False)
class Text(_Block):
    """A text block. It keeps its pieces only while it waits for its turn."""

    def start(self) -> dict[str, Any]:
        """Return the block without text."""
        return {"type": "text", "text": "", "citations": None}

    def delta(self, piece: str) -> dict[str, Any] | None:
        """Return the text."""
        return {"type": "text_delta", "text": piece}


@dataclass(slots=True, eq=False)
class ServerToolUse(_Block):
    """A call of a tool of Anthropic's own."""

    tool_use_id: str
    name: str

    def start(self) -> dict[str, Any]:
        """Return the block without input: clients read that from the deltas only."""
        return {"type": "server_tool_use", "id": self.tool_use_id, "name": self.name, "input": {}, "caller": DIRECT}

    def delta(self, piece: str) -> dict[str, Any] | None:
        """Return a piece of JSON text."""
        return {"type": "input_json_delta", "partial_json": piece}


@dataclass(slots=True, eq=False)
class ToolUse(ServerToolUse):
    """A call of one of the caller's tools. It keeps its arguments, to know when they are complete."""

    scan: ObjectScan = field(default_factory=ObjectScan)
    received: Arguments = field(default_factory=Arguments)

    def start(self) -> dict[str, Any]:
        """Return the block without input: clients read that from the deltas only."""
        return {"type": "tool_use", "id": self.tool_use_id, "name": self.name, "input": {}, "caller": DIRECT}

    def is_closed(self) -> bool:
        """Tell whether the arguments close all that they open."""
        return self.scan.is_closed(self.pieces)

    def is_broken(self) -> bool:
        """Tell whether the arguments are no JSON object."""
        return bool(self.pieces) and not is_complete_object("".join(self.pieces))


@dataclass(slots=True, eq=False)
class WebSearchToolResult(_Block):
    """The result of a web search. The whole block is sent when it begins."""

    tool_use_id: str
    outcome: WebSearchOutcome | None
    """None as long as it is not known."""

    def start(self) -> dict[str, Any]:
        """The whole block; what is never known is nothing. Only Anthropic's own search encrypts contents."""
        content: dict[str, Any] | list[dict[str, Any]]
        if isinstance(self.outcome, str):
            content = {"type": "web_search_tool_result_error", "error_code": self.outcome}
        else:
            content = [_as_result(each) for each in self.outcome or ()]
        return {
            "type": "web_search_tool_result",
            "tool_use_id": self.tool_use_id,
            "content": content,
            "caller": DIRECT,
        }


def _as_result(found: WebSearchResult) -> dict[str, Any]:
    return {
        "type": "web_search_result",
        "url": found.url,
        "title": found.title,
        "encrypted_content": "",
        "page_age": None,
    }


Block = SealedThinking | Thinking | Text | ServerToolUse | ToolUse | WebSearchToolResult
