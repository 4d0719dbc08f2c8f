"""Writes parts of content and tools in the words of Responses."""

from typing import Any

from translator.prompt.content import Part
from translator.prompt.tools import Function


class ResponsesParts:
    """A message's parts, and those of a tool's output."""

    marks_tool_results = True

    def text(self, text: str) -> Part:
        """A text."""
        return {"type": "input_text", "text": text}

    def image(self, url: str) -> Part:
        """A picture, at an address or as a data URL."""
        return {"type": "input_image", "image_url": url, "detail": "auto"}

    def file(self, filename: str, data_url: str) -> Part:
        """A PDF document."""
        return {"type": "input_file", "filename": filename, "file_data": data_url}


class ResponsesTools:
    """A function's fields stand beside its type."""

    def listed(self, function: Function) -> dict[str, Any]:
        """An entry of `tools`. Unless told, OpenAI makes a schema strict that can be made so, and fields required."""
        return {"type": "function", "strict": False, **function}

    def named(self, name: str) -> dict[str, Any]:
        """The `tool_choice` of one function."""
        return {"type": "function", "name": name}
