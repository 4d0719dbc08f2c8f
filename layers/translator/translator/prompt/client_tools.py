"""Tells other models of the typed tools that Anthropic's models know and the caller runs, as functions."""

from typing import Any

_COMMAND = {"type": "string", "description": "The command to run."}
_PATH = {"type": "string", "description": "Absolute path to a file or directory."}

CLIENT_TOOLS: dict[str, dict[str, Any]] = {
    "bash_": {
        "name": "bash",
        "description": "Run a command in a persistent bash session. With restart, start a new session.",
        "parameters": {
            "type": "object",
            "properties": {"command": _COMMAND, "restart": {"type": "boolean"}},
        },
    },
    "text_editor_": {
        "name": "str_replace_based_edit_tool",
        "description": "View, create and edit text files.",
        "parameters": {
            "type": "object",
            "properties": {
                "command": {"type": "string", "enum": ["view", "create", "str_replace", "insert"]},
                "path": _PATH,
                "file_text": {"type": "string", "description": "The whole text, for create."},
                "old_str": {"type": "string", "description": "The exact text to replace, for str_replace."},
                "new_str": {"type": "string", "description": "The replacement, for str_replace."},
                "insert_line": {"type": "integer", "description": "The line to insert after, for insert."},
                "insert_text": {"type": "string", "description": "The text to insert, for insert."},
                "view_range": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "description": "First and last line.",
                },
            },
            "required": ["command", "path"],
        },
    },
    "memory_": {
        "name": "memory",
        "description": "View and edit files below /memories, which outlive the conversation.",
        "parameters": {
            "type": "object",
            "properties": {
                "command": {
                    "type": "string",
                    "enum": ["view", "create", "str_replace", "insert", "delete", "rename"],
                },
                "path": _PATH,
                "file_text": {"type": "string"},
                "old_str": {"type": "string"},
                "new_str": {"type": "string"},
                "insert_line": {"type": "integer"},
                "insert_text": {"type": "string"},
                "old_path": {"type": "string"},
                "new_path": {"type": "string"},
                "view_range": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["command"],
        },
    },
}
"""By the beginning of their type: the model only has to know their shape."""

_FIRST_TEXT_EDITOR: dict[str, Any] = {
    "name": "str_replace_editor",
    "description": "View, create and edit text files.",
    "parameters": {
        "type": "object",
        "properties": {
            "command": {"type": "string", "enum": ["view", "create", "str_replace", "insert", "undo_edit"]},
            "path": _PATH,
            "file_text": {"type": "string", "description": "The whole text, for create."},
            "old_str": {"type": "string", "description": "The exact text to replace, for str_replace."},
            "new_str": {"type": "string", "description": "The replacement, for str_replace, or the text, for insert."},
            "insert_line": {"type": "integer", "description": "The line to insert after, for insert."},
            "view_range": {"type": "array", "items": {"type": "integer"}, "description": "First and last line."},
        },
        "required": ["command", "path"],
    },
}
"""It could undo, and knew no `insert_text`: https://github.com/anthropics/claude-quickstarts/issues/348."""

EARLIER_TOOLS = dict.fromkeys(("text_editor_20241022", "text_editor_20250124"), _FIRST_TEXT_EDITOR)
"""By the type, where an earlier date means another shape."""


def client_tool(kind: str) -> dict[str, Any] | None:
    """The function that stands for a type of tools, or None where the caller does not run it."""
    beginnings = (function for beginning, function in CLIENT_TOOLS.items() if kind.startswith(beginning))
    return EARLIER_TOOLS.get(kind) or next(beginnings, None)
