"""Writes parts of content and tools in the words of Converse.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html and ToolSpecification.
"""

from typing import Any

from translator.prompt.content import Part
from translator.prompt.tools import Function

_TAKEN_AT_THE_ROOT = ("properties", "required", "$defs", "definitions")
"""Of a schema, beside its type. Nova refuses others: https://docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html"""


class ConverseParts:
    """A message's parts. What lies at an address cannot be sent: only S3's are read."""

    marks_tool_results = True

    def __init__(self) -> None:
        self._documents = 0
        self.dropped: list[str] = []
        """What has no form here."""

    def text(self, text: str) -> Part:
        """A text."""
        return {"text": text}

    def image(self, url: str) -> Part:
        """A picture, given as a data URL."""
        kind, _, data = url.removeprefix("data:image/").partition(";base64,")
        if kind == url:
            self.dropped.append("image")
            return self.text("[An image stands here that this model cannot see.]")
        return {"image": {"format": kind, "source": {"bytes": data}}}

    def file(self, filename: str, data_url: str) -> Part:  # noqa: ARG002 -- few characters are allowed in a name
        """A PDF document, under a number: AWS warns of names, which the model reads as instructions."""
        self._documents += 1
        data = data_url.partition(";base64,")[2]
        return {"document": {"format": "pdf", "name": f"document-{self._documents}", "source": {"bytes": data}}}


class ConverseTools:
    """A function stands below `toolSpec`, its schema below `json`."""

    def listed(self, function: Function) -> dict[str, Any]:
        """An entry of `tools`. Its schema is required, and at its root only what says something of the input."""
        schema = function.get("parameters", {})
        at_root = {name: schema[name] for name in _TAKEN_AT_THE_ROOT if name in schema}
        told = {name: value for name, value in function.items() if name != "parameters"}
        return {"toolSpec": {**told, "inputSchema": {"json": {"type": "object", "properties": {}, **at_root}}}}

    def named(self, name: str) -> dict[str, Any]:
        """The `toolChoice` of one function."""
        return {"tool": {"name": name}}
