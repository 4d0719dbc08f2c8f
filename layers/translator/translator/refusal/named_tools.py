"""Which of the caller's tools a refusal names: where nothing else helps, its schema goes, and then the tool itself."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from translator.anthropic.request import Prompt
from translator.anthropic.tools import CustomTool
from translator.learned_traits import REFUSED_TOOLS, LearnedTrait
from translator.refusal.corrections import Refusal
from translator.tool_names import shorten
from translator.tools.marks import is_outline, schema_mark, tool_mark
from translator.tools.offered import AnyTool, effective_tools, needed_tools, refused_tools
from translator.traits import Traits

MOST_NAMED = 3
"""A refusal that names more of them lists what there is."""

_DEFINITION = re.compile(
    r"schema|parameter|propert|declaration|definition|grammar|\btools?\b|\bfunctions?\b|工具|函数", re.IGNORECASE
)
_REFUSED = re.compile(
    r"invalid|not |n't|expect|unsupported|unknown|unexpected|fail|error|cannot|must|should|too |exceed|missing|required"
    r"|violat|malform|illegal|bad|recurs|circular|reject|refus|complex|deep|only|unable|不支持|无效|错误|失败",
    re.IGNORECASE,
)
_OF_A_CALL = re.compile(
    r"tool_?\s?calls?\b|tool_?\s?choice|tool_?\s?results?|tool_?use|call_id|\bcalled\b|\bcalling\b|\barguments\b"
    r"|(?:messages|input|contents)\s?(?:\[|\.)|\brole\b|\bresponses?\b|not found|duplicat|unique|already",
    re.IGNORECASE,
)
"""What was done with a tool, which no other definition mends."""
_AT = re.compile(
    r"function_?declarations?(?:\[|\.)(?P<declared>\d{1,4})\b|\b(?:tools?|functions?)(?:\[|\.|/)(?P<at>\d{1,4})\b",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"(?P<before>\b(?:tools?|functions?|named?|declaration|工具|函数)\b[\s:=]{0,3})?(?P<quote>['\"`\u201c\u2018<(\[]?)"
    r"(?P<name>(?<![\w-])[A-Za-z0-9_-]{1,128})(?P<end>['\"`\u201d\u2019>)\]]?)"
)
_DISTINCT = re.compile(r"[_\d-]|(?<=[a-z])[A-Z]")
"""Stands in no English word."""


class NamedTools(NamedTuple):
    """The caller's tools that a refusal names, with the next correction: without the schema, then without the tool."""

    corrections: tuple[LearnedTrait, ...] = ()
    is_another: bool = False
    """Whether another tool's schema was refused before. Then the upstream refuses a kind of schema."""


def find_named_tools(refusal: Refusal, request: object, traits: Traits) -> NamedTools:
    """Return the tools whose definition is refused; none where the refusal is about something else."""
    if not isinstance(request, Prompt) or not speaks_of_a_definition(refusal):
        return NamedTools()
    tools = effective_tools(request)
    named = _named(refusal, tools, refused_tools(tools, request, traits).left_out)
    needed = needed_tools(request)
    marks = [mark for tool in named if (mark := _next_mark(tool, traits, is_needed=tool.name in needed))]
    if not marks or len(named) > MOST_NAMED:
        return NamedTools()
    is_new = all(mark.startswith("schema") for mark in marks)
    return NamedTools((LearnedTrait(REFUSED_TOOLS, tuple(marks)),), is_new and bool(traits.refused_tools))


def speaks_of_a_definition(refusal: Refusal) -> bool:
    """Tell whether the refusal is about a tool's definition, and not about its use."""
    words = f"{refusal.parameter}\n{refusal.message}"
    is_refused = _REFUSED.search(refusal.message) is not None and _DEFINITION.search(words) is not None
    return is_refused and not _OF_A_CALL.search(words)


def _next_mark(tool: CustomTool, traits: Traits, *, is_needed: bool) -> str | None:
    mark = schema_mark(tool.name, tool.input_schema)
    if mark not in traits.refused_tools and not is_outline(tool.input_schema):
        return mark
    mark = tool_mark(tool.name, tool.input_schema)
    return None if is_needed or mark in traits.refused_tools else mark


def _named(refusal: Refusal, tools: Sequence[AnyTool], left_out: frozenset[str]) -> list[CustomTool]:
    """Return the named tools, by their places in the request, or else by name."""
    words = f"{refusal.parameter}\n{refusal.message}"
    sent = [tool for tool in tools if tool.name not in left_out]
    by_name = {tool.name: tool for tool in sent if isinstance(tool, CustomTool)}
    by_name |= {shorten(name): tool for name, tool in by_name.items()}
    found = {by_name[name].name: by_name[name] for name in _words(words) if name in by_name}
    return list(found.values()) or list(_at_places(words, sent))


def _words(words: str) -> Iterator[str]:
    """Return the words that may be a tool's name. An English word counts only where it is quoted, or called a tool."""
    for match in _WORD.finditer(words):
        if match["before"] or (match["quote"] and match["end"]) or _DISTINCT.search(match["name"]):
            yield match["name"]


def _at_places(words: str, sent: Sequence[AnyTool]) -> Iterator[CustomTool]:
    """Return the tools at these places. This fails behind a tool of Anthropic's own: not all of those are sent."""
    places = list(_AT.finditer(words))
    numbers = [match["declared"] for match in places if match["declared"]] or [match["at"] for match in places]
    for number in dict.fromkeys(map(int, numbers)):
        before = sent[: number + 1]
        if number < len(sent) and all(isinstance(tool, CustomTool) for tool in before):
            yield from (tool for tool in before[number:] if isinstance(tool, CustomTool))
