"""Finds the caller's tool that does a step, and its arguments."""

from __future__ import annotations

import ntpath
import posixpath
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edgeway.demo import findings
from edgeway.demo.conversation import Tool
from edgeway.demo.instances import instance
from edgeway.demo.steps import ListFiles, ReadFile, ReplaceText, RunCommand, Step, WriteFile

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("file_path", "path", "filename", "file_name", "file", "target_file", "absolute_path", "files"),
    "folder": ("path", "directory", "dir", "dir_path", "directory_path", "folder"),
    "content": ("content", "contents", "file_text", "text", "body", "data", "new_text"),
    "command": ("command", "cmd", "command_line", "script", "commands"),
    "old": ("old_string", "old_str", "old_text"),
    "new": ("new_string", "new_str", "new_text"),
    "pattern": ("pattern", "glob", "glob_pattern"),
}
"""What tools call the fields that a step fills."""

_WRITING: Final = frozenset({"write", "create", "save", "editor"})
_REPLACING: Final = frozenset({"edit", "replace", "update", "editor"})
_READING: Final = frozenset({"read", "view", "open", "cat"})
_LISTING: Final = frozenset({"list", "ls"})
_MATCHING: Final = frozenset({"glob"})
_RUNNING: Final = frozenset({"bash", "shell", "run", "execute", "exec", "command", "terminal", "powershell"})
NAMES: Final = _WRITING | _REPLACING | _READING | _LISTING | _MATCHING | _RUNNING
"""The words that tools for these steps are named by."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the caller's tools."""

    name: str
    arguments: Mapping[str, Any]
    purpose: str
    """As in `I shall ...`."""
    is_independent: bool = False
    """It changes nothing that another call could need, so both may run at once."""


@dataclass(frozen=True, slots=True)
class Unable:
    """A step that none of the tools can do."""

    purpose: str


def arguments(tool: Tool, text: str, filler: str) -> dict[str, Any]:
    """Return the smallest arguments that fit, with what `text` says."""
    built = instance({"type": "object", **tool.parameters}, text, filler)
    return built if isinstance(built, dict) else {}


@dataclass(frozen=True, slots=True)
class Hands:
    """The tools, by what they can do."""

    tools: Sequence[Tool]
    working_directory: str | None

    def calls(self, step: Step) -> Iterator[Call | Unable]:
        """Return what a step takes."""
        call = self._directly(step) or self._in_a_shell(step)
        if isinstance(step, ReplaceText) and call and (look := self._directly(ReadFile(step.path))):
            yield look  # Claude Code edits only what has been read
        yield call or Unable(str(step))

    def _directly(self, step: Step) -> Call | None:
        match step:
            case WriteFile(path, content):
                return self._call(step, _WRITING, {"path": self._absolute(path), "content": content})
            case ReplaceText(path, old, new):
                return self._call(step, _REPLACING, {"path": self._absolute(path), "old": old, "new": new})
            case ReadFile(path):
                return self._call(step, _READING, {"path": self._absolute(path)})
            case ListFiles(folder):
                listing = self._call(step, _LISTING, {"folder": self._absolute(folder or ".")})
                return listing or self._call(step, _MATCHING, {"pattern": f"{folder}/*" if folder else "*"})
            case RunCommand(command):
                return self._call(step, _RUNNING, {"command": command})

    def _in_a_shell(self, step: Step) -> Call | None:
        match step:
            case WriteFile(path, content):
                return self._call(
                    step, _RUNNING, {"command": f"printf %s {shlex.quote(content)} > {shlex.quote(path)}"}
                )
            case ReadFile(path):
                return self._call(step, _RUNNING, {"command": f"cat {shlex.quote(path)}"})
            case ListFiles(folder):
                return self._call(step, _RUNNING, {"command": f"ls {shlex.quote(folder)}" if folder else "ls"})
            case ReplaceText() | RunCommand():
                return None

    def _call(self, step: Step, names: frozenset[str], values: Mapping[str, str]) -> Call | None:
        """A call of the tool that is named most plainly among those that have a field for every value."""
        named = [tool for tool in self.tools if names & set(findings.words(tool.name))]
        for tool in sorted(named, key=lambda tool: len(findings.words(tool.name))):
            given = {
                field: _shaped(tool, field, role, value)
                for role, value in values.items()
                if (field := _field(tool, role))
            }
            if len(given) == len(values):
                purpose = str(step)
                known = {**arguments(tool, purpose, purpose), **_description(tool, purpose), **given}
                return Call(tool.name, known, purpose, is_independent=isinstance(step, ReadFile | ListFiles))
        return None

    def _absolute(self, path: str) -> str:
        """The path as Claude Code wants it, where it is told in which folder it works."""
        folder = self.working_directory
        if folder is None or path.startswith("~"):
            return path
        if "\\" in folder:
            return ntpath.normpath(ntpath.join(folder, path))
        return posixpath.normpath(posixpath.join(folder, path))


def _field(tool: Tool, role: str) -> str | None:
    """What this tool calls the field of a role."""
    by_words = {"_".join(findings.words(name)): name for name in tool.parameters.get("properties", {})}
    return next((by_words[name] for name in _FIELDS[role] if name in by_words), None)


def _shaped(tool: Tool, field: str, role: str, value: str) -> Any:
    """The value as the field takes it: Cline's tools take several, as strings or as objects."""
    match tool.parameters["properties"][field]:
        case {"type": "array", "items": dict(items)}:
            inner = _field(Tool(tool.name, items), role)
            return [value if inner is None else {inner: value}]
        case _:
            return value


def _description(tool: Tool, purpose: str) -> dict[str, str]:
    """What the user is shown of a call, where the tool has a field for it."""
    has_field = "description" in tool.parameters.get("properties", {})
    return {"description": purpose[0].upper() + purpose[1:]} if has_field else {}
