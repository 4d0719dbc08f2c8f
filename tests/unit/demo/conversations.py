"""Requests as a coding agent makes them, for the tests of the demo model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from edgeway.demo.conversation import Request, read_request
from edgeway.demo.plan import Plan, make_plan

Message = dict[str, Any]

ENVIRONMENT = "# Environment\n - Primary working directory: /home/me/work\n - Is a git repository: false"


def tool(name: str, *required: str, **optional: Any) -> dict[str, Any]:
    """A tool whose required fields are strings; the schemas of optional ones are given."""
    properties = {**{field: {"type": "string"} for field in required}, **optional}
    parameters = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


CLAUDE_CODE = [
    tool("Agent", "description", "prompt"),
    tool("Bash", "command", description={"type": "string"}, timeout={"type": "number"}),
    tool("Edit", "file_path", "old_string", "new_string", replace_all={"type": "boolean"}),
    tool("ListAgents", channel={"type": "string"}),
    tool("Read", "file_path", offset={"type": "integer"}),
    tool("Skill", "skill"),
    tool("ToolSearch", "query"),
    tool("Write", "file_path", "content"),
]


CLINE = [
    tool(
        "read_files", files={"type": "array", "items": {"type": "object", "properties": {"path": {"type": "string"}}}}
    ),
    tool("run_commands", commands={"type": "array", "items": {"type": "string"}}),
    tool("editor", "path", "new_text", old_text={"anyOf": [{"type": "string"}, {"type": "null"}]}),
]


def user(text: str, *reminders: str) -> Message:
    parts = [text, *(f"<system-reminder>\n{reminder}\n</system-reminder>" for reminder in reminders)]
    return {"role": "user", "content": [{"type": "text", "text": part} for part in parts]}


def turn(plan: Plan, *results: str) -> list[Message]:
    """The assistant's message that a plan comes to, and the results of its calls."""
    functions = {call.purpose: {"name": call.name, "arguments": json.dumps(call.arguments)} for call in plan.calls}
    calls = [{"id": purpose, "type": "function", "function": function} for purpose, function in functions.items()]
    answers = [
        {"role": "tool", "tool_call_id": call["id"], "content": result}
        for call, result in zip(calls, results, strict=True)
    ]
    return [{"role": "assistant", "content": plan.text, "tool_calls": calls}, *answers]


def request(messages: str | Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), **options: Any) -> Request:
    """The request, in the folder /home/me/work if it has tools."""
    said = [user(messages)] if isinstance(messages, str) else list(messages)
    system = [{"role": "system", "content": ENVIRONMENT}] if tools else []
    return read_request({"messages": [*system, *said], **({"tools": list(tools)} if tools else {}), **options})


def plan(messages: str | Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), **options: Any) -> Plan:
    """The demo model's answer."""
    return make_plan(request(messages, tools, **options))


def calls(planned: Plan) -> list[tuple[str, Mapping[str, Any]]]:
    """Names and arguments."""
    return [(call.name, call.arguments) for call in planned.calls]
