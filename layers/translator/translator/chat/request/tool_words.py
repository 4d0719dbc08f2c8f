"""Writes tools in the words of chat completions."""

from typing import Any

from translator.prompt.tools import Function


class ChatTools:
    """A function stands below its type."""

    def listed(self, function: Function) -> dict[str, Any]:
        """An entry of `tools`."""
        return {"type": "function", "function": function}

    def named(self, name: str) -> dict[str, Any]:
        """The `tool_choice` of one function."""
        return {"type": "function", "function": {"name": name}}
