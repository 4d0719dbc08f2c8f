"""Reads a chat-completions request, as far as the demo model understands it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

CHARACTERS_PER_TOKEN: Final = 4
WITHOUT_REASONING: Final = (None, "none", "minimal")

_INSERTED = re.compile(r"<(system-reminder|environment_details|(?:local-)?command-\w+)>.*?</\1>", re.DOTALL)
"""What coding agents put beside the user's own words."""
_TASK_TAG = re.compile(r"</?task>")
_WORKING_DIRECTORY = re.compile(
    r"^[^\w\n]*(?:primary |current )?working directory:? +(/[^\n]*|[A-Z]:\\[^\n]*)", re.I | re.M
)
_FAILED = ("Error", "<tool_use_error>")
"""How a tool's failure begins; chat completions has no field for it."""

Json = Mapping[str, Any]


class InvalidRequestError(ValueError):
    """The caller's mistake. The message names the field."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the caller offers, with the JSON schema of its arguments."""

    name: str
    parameters: Json


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call that has been made, and what came of it."""

    name: str
    result: str

    @property
    def has_failed(self) -> bool:
        """Whether the tool says so."""
        return self.result.startswith(_FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the demo model knows when it answers."""

    text: str
    """What the user has said last."""
    made: tuple[MadeCall, ...] = ()
    """The calls since then, in order."""
    calls_before: int = 0
    """Calls in the whole conversation, so that ids stay unique."""
    working_directory: str | None = None
    tools: tuple[Tool, ...] = ()
    """Those that may be called now."""
    must_call: bool = False
    parallel: bool = True
    reasons: bool = False
    schema: Json | None = None
    """What the answer has to fit."""
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    prompt_tokens: int = 1
    """Estimated."""


def read_request(body: Json) -> Request:
    """Read the body of a request. Raises InvalidRequestError."""
    try:
        return _read(body)
    except (AttributeError, KeyError, TypeError) as error:
        raise InvalidRequestError("the body has not the shape of a chat completion request") from error


def _read(body: Json) -> Request:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise InvalidRequestError("messages: a list with at least one message is required")
    asked, text = _last_request(messages)
    tools, must_call = _choice(body)
    return Request(
        text=text,
        made=tuple(_made(messages[asked:])),
        calls_before=sum(len(message.get("tool_calls") or ()) for message in messages),
        working_directory=_working_directory(messages),
        tools=tools,
        must_call=must_call,
        parallel=body.get("parallel_tool_calls") is not False,
        reasons=_reasons(body),
        schema=_schema(body.get("response_format")),
        stop=_stop(body.get("stop")),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        prompt_tokens=_estimate(messages, body.get("tools")),
    )


def _last_request(messages: Sequence[Json]) -> tuple[int, str]:
    """Where the user has last said something, and what; reminders among the tool results are not the user's."""
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].get("role") == "user":
            text = _TASK_TAG.sub("", _INSERTED.sub("", _text(messages[at]))).strip()
            if text:
                return at, text
    return 0, ""


def _text(message: Json) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _made(messages: Sequence[Json]) -> Iterator[MadeCall]:
    results = {message.get("tool_call_id"): _text(message) for message in messages if message.get("role") == "tool"}
    for message in messages:
        for call in message.get("tool_calls") or ():
            yield MadeCall(call["function"]["name"], results.get(call["id"], ""))


def _working_directory(messages: Sequence[Json]) -> str | None:
    """Where the agent says that it works, in its instructions or in what it adds to the user's words."""
    found = (_WORKING_DIRECTORY.search(_text(message)) for message in messages if message.get("role") != "tool")
    return next((match[1].strip() for match in found if match), None)


def _choice(body: Json) -> tuple[tuple[Tool, ...], bool]:
    functions = [tool["function"] for tool in body.get("tools") or () if tool.get("type") == "function"]
    offered = tuple(Tool(function["name"], function.get("parameters") or {}) for function in functions)
    match body.get("tool_choice"):
        case "none":
            return (), False
        case "required":
            return offered, bool(offered)
        case {"function": {"name": name}}:
            named = tuple(tool for tool in offered if tool.name == name)
            if not named:
                raise InvalidRequestError("tool_choice: no tool of this name is offered")
            return named, True
        case _:
            return offered, False


def _reasons(body: Json) -> bool:
    thinking, reasoning = body.get("thinking"), body.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, dict) else body.get("reasoning_effort")
    enabled = isinstance(thinking, dict) and thinking.get("type") not in (None, "disabled")
    return enabled or effort not in WITHOUT_REASONING


def _schema(response_format: object) -> Json | None:
    match response_format:
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return schema
        case {"type": "json_object"}:
            return {"type": "object"}
        case _:
            return None


def _stop(stop: str | Sequence[str] | None) -> tuple[str, ...]:
    given = (stop,) if isinstance(stop, str) else stop or ()
    return tuple(sequence for sequence in given if sequence)


def _estimate(*parts: object) -> int:
    characters = sum(len(json.dumps(part, ensure_ascii=False)) for part in parts if part)
    return max(1, characters // CHARACTERS_PER_TOKEN)
