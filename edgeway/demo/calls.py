"""Chooses the tool calls of an answer: for the request's steps, the tools it names, and where the caller insists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from edgeway.demo import findings
from edgeway.demo.conversation import Request, Tool
from edgeway.demo.hands import NAMES, Call, Hands, Unable, arguments
from edgeway.demo.steps import read_steps

LONGEST_FILLER: Final = 500
"""Characters of the user's words, for a field of which they say nothing in particular."""

_STRUCTURED: Final = ("structured", "output")
_CLOSING: Final = frozenset({_STRUCTURED, ("attempt", "completion"), ("task", "complete"), ("submit", "and", "exit")})
"""Some agents want the last word as a call; Claude Code so with `--json-schema`."""
_TELLING_NOTHING: Final = (
    NAMES
    | {"a", "an", "call", "check", "compute", "current", "do", "fetch", "find", "for", "get", "lookup", "make", "query"}
    | {"search", "send", "set", "the", "to", "tool", "use", "web"}
    | {"agent", "agents", "ask", "plan", "question", "skill", "skills", "task", "tasks", "todo", "todos", "workflow"}
)
"""Words of a tool's name that a request may hold without meaning the tool; agents name many of theirs by such."""


def planned_calls(request: Request) -> tuple[Call | Unable, ...]:
    """Return all calls that the user's request takes, those that are made already among them."""
    if not request.tools:
        return ()
    hands = Hands(request.tools, request.working_directory)
    return tuple(call for step in read_steps(request.text) for call in hands.calls(step)) or tuple(_mentioned(request))


def forced_call(request: Request) -> Call:
    """Return a call for a caller who insists on one although the request asks for none."""
    tool = max(request.tools, key=lambda tool: len(_spoken(findings.words(tool.name), request.text)))
    return Call(tool.name, arguments(tool, request.text, _filler(request)), f"call {tool.name}")


def closing_call(request: Request, last_words: str) -> Call | None:
    """Return the call that carries the last word, for an agent that wants it so and has not had it."""
    closing = next((tool for tool in request.tools if findings.words(tool.name) in _CLOSING), None)
    if closing is None or any(made.name == closing.name for made in request.made):
        return None
    is_structured = findings.words(closing.name) == _STRUCTURED
    text, filler = (request.text, "demo") if is_structured else ("", last_words)
    return Call(closing.name, arguments(closing, text, filler), "give my answer")


def _mentioned(request: Request) -> Iterator[Call]:
    for tool in request.tools:
        subject = [word for word in findings.words(tool.name) if word not in _TELLING_NOTHING]
        if subject and len(_spoken(subject, request.text)) == len(subject):
            yield from _each(tool, request)


def _each(tool: Tool, request: Request) -> Iterator[Call]:
    """One call, or one for each of the things that the text lists: the weather in Paris and in Oslo."""
    known = arguments(tool, request.text, _filler(request))
    lists = {name: values for name in known if len(values := findings.strings(name, request.text)) > 1}
    if len(lists) != 1:
        yield Call(tool.name, known, f"call {tool.name}", is_independent=True)
        return
    [(field, values)] = lists.items()
    for value in values:
        yield Call(tool.name, {**known, field: value}, f"call {tool.name} for {value}", is_independent=True)


def _spoken(words: Sequence[str], text: str) -> list[str]:
    """Those of the words that the text holds, as one or as several."""
    said = {findings.singular(word) for word in re.findall(r"\w+", text.lower())}
    return [word for word in words if findings.singular(word) in said]


def _filler(request: Request) -> str:
    return " ".join(request.text.split())[:LONGEST_FILLER] or "demo"
