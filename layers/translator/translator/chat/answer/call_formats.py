"""The formats in which models write tool calls: their tags, and what stands between them.

Hermes and Qwen, Qwen-Coder (and Llama, without the outer tags), GLM, Anthropic's older XML, MiniMax and MiniMax-M3,
Kimi, DeepSeek with and without DSML, and gpt-oss.
Sources: the models' chat templates, and https://docs.vllm.ai/en/latest/features/tool_calling.html.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from translator.chat.answer.call_markup import (
    DSML,
    GLM,
    MINIMAX_NAMESPACE,
    QWEN,
    XML,
    NoCallError,
    Read,
    Schemas,
    UnfinishedCallError,
    WrittenCall,
    as_object,
    marked_up,
    offered,
    without_namespace,
)

__all__ = ["CALL_FORMATS", "OPENINGS", "CallFormat", "NoCallError", "Schemas", "UnfinishedCallError", "WrittenCall"]


def schemas_of(tools: Iterable[Mapping[str, Any]]) -> Schemas:
    """Of the tools of a request of chat completions."""
    return {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in tools}


class CallFormat(NamedTuple):
    """What stands around calls, and how they are read."""

    closing: str
    beginnings: Callable[[Schemas], tuple[str, ...]]
    """How what stands behind the opening tag can begin, in lower case."""
    read: Read
    """Of what stands behind the opening tag; the closing one may be missing where the calls have ends of their own."""

    def can_begin(self, text: str, schemas: Schemas) -> bool:
        """Whether the text, without the space before it, is the beginning of calls, or too short to tell."""
        beginning = text[:LONGEST_BEGINNING].lower()
        return any(beginning.startswith(each) or each.startswith(beginning) for each in self.beginnings(schemas))


LONGEST_BEGINNING = 200
_KIMI = re.compile(
    r"\s*<\|tool_call_begin\|>\s*([^<>|]{1,200}?)\s*<\|tool_call_argument_begin\|>(.*?)<\|tool_call_end\|>\s*",
    re.DOTALL,
)
_SEPARATOR, _CALL_BEGIN, _CALL_END, _CALLS_BEGIN, _CALLS_END = (
    f"<\uff5ctool\u2581{name}\uff5c>"
    for name in ("sep", "call\u2581begin", "call\u2581end", "calls\u2581begin", "calls\u2581end")
)
"""DeepSeek's tags, of characters that nothing else has."""
_DEEPSEEK = re.compile(
    rf"\s*{_CALL_BEGIN}(?:function{_SEPARATOR})?([\w.-]+)(?:{_SEPARATOR}|\s*```json)(.*?)(?:```\s*)?{_CALL_END}\s*",
    re.DOTALL,
)


_HARMONY = re.compile(
    r"\s*(?:<\|start\|>assistant)?(?:<\|channel\|>)?\s*(?:analysis|commentary|final)?\s*(?:to=)?([\w./:-]{1,200})\s*"
    r"(?:<\|channel\|>\s*\w*\s*)?(?:<\|constrain\|>)?\s*(?:json)?\s*<\|message\|>(.*?)(?:<\|call\|>|<\|end\|>|\Z)\s*",
    re.DOTALL,
)
"""gpt-oss's: `<|channel|>commentary to=functions.look<|constrain|>json<|message|>{…}<|call|>`."""


def _one_by_one(pattern: re.Pattern[str]) -> Read:
    def read(text: str, schemas: Schemas) -> list[WrittenCall]:
        calls, at = [], 0
        while at < len(text):
            call = pattern.match(text, at)
            if call is None:
                raise NoCallError
            calls.append(WrittenCall(offered(call[1], schemas), as_object(call[2])))
            at = call.end()
        return calls

    return read


def _in_tool_call(text: str, schemas: Schemas) -> list[WrittenCall]:
    """Hermes' JSON, Qwen-Coder's elements, or GLM's."""
    if text.startswith("<"):
        return marked_up(QWEN)(text, schemas)
    if not text.startswith("{"):
        return marked_up(GLM)(text, schemas)
    call = as_object(text)
    name, arguments = call.get("name"), call.get("arguments", call.get("parameters", {}))
    if isinstance(arguments, str):
        arguments = as_object(arguments)
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise NoCallError
    return [WrittenCall(offered(name, schemas), arguments)]


def _within(closing: str, read: Read) -> Read:
    """For calls in outer tags: without the closing one."""
    return lambda text, schemas: read(text.removesuffix(closing).strip(), schemas)


def _bare(opening: str, read: Read) -> Read:
    """For a call without outer tags: with its own opening one."""
    return lambda text, schemas: read(opening + text, schemas)


def _with(*beginnings: str) -> Callable[[Schemas], tuple[str, ...]]:
    return lambda _schemas: beginnings


def _with_a_tool(before: str, behind: str) -> Callable[[Schemas], tuple[str, ...]]:
    return lambda schemas: tuple(f"{before}{name}{behind}".lower() for name in schemas)


def _in_tool_call_begins(schemas: Schemas) -> tuple[str, ...]:
    names = [name.lower() for name in schemas]
    behind = ("<arg_key>", "\n", "</tool_call>")
    return ("{", "<function=", *(f"{name}{each}" for name in names for each in behind))


def _with_any_tool(schemas: Schemas) -> tuple[str, ...]:
    """With a tool's name in any of the forms in which models write it."""
    names = [name.lower() for name in schemas]
    return (*(f"functions{between}{name}" for name in names for between in (".", "", "/", ":")), *names)


def _in_tags(closing: str, beginnings: Callable[[Schemas], tuple[str, ...]], read: Read) -> CallFormat:
    return CallFormat(closing, beginnings, _within(closing, read))


_DSML, _DSML_END = "<\uff5cDSML\uff5c", "</\uff5cDSML\uff5c"

CALL_FORMATS: Mapping[str, CallFormat] = {
    "<tool_call>": _in_tags("</tool_call>", _in_tool_call_begins, _in_tool_call),
    "<function=": CallFormat("</function>", _with_a_tool("", ">"), _bare("<function=", marked_up(QWEN))),
    "<function_calls>": _in_tags("</function_calls>", _with("<invoke name="), marked_up(XML)),
    "<minimax:tool_call>": _in_tags("</minimax:tool_call>", _with("<invoke name="), marked_up(XML)),
    "<invoke name=": CallFormat("</invoke>", _with_a_tool('"', '"'), _bare("<invoke name=", marked_up(XML))),
    "<|tool_calls_section_begin|>": _in_tags(
        "<|tool_calls_section_end|>", _with("<|tool_call_begin|>"), _one_by_one(_KIMI)
    ),
    "<|tool_call_section_begin|>": _in_tags(
        "<|tool_call_section_end|>", _with("<|tool_call_begin|>"), _one_by_one(_KIMI)
    ),
    f"{_DSML}tool_calls>": _in_tags(f"{_DSML_END}tool_calls>", _with(f"{_DSML}invoke name=".lower()), marked_up(DSML)),
    f"{_DSML}function_calls>": _in_tags(
        f"{_DSML_END}function_calls>", _with(f"{_DSML}invoke name=".lower()), marked_up(DSML)
    ),
    f"{_DSML}invoke name=": CallFormat(
        f"{_DSML_END}invoke>", _with_a_tool('"', '"'), _bare(f"{_DSML}invoke name=", marked_up(DSML))
    ),
    f"{MINIMAX_NAMESPACE}<tool_call>": _in_tags(
        f"{MINIMAX_NAMESPACE}</tool_call>", _with(f"{MINIMAX_NAMESPACE}<invoke name="), without_namespace
    ),
    "<|channel|>commentary to=": CallFormat("<|call|>", _with_any_tool, _bare("to=", _one_by_one(_HARMONY))),
    "<|start|>assistant<|channel|>commentary to=": CallFormat(
        "<|call|>", _with_any_tool, _bare("to=", _one_by_one(_HARMONY))
    ),
    "<|start|>assistant to=": CallFormat("<|call|>", _with_any_tool, _bare("to=", _one_by_one(_HARMONY))),
    _CALLS_BEGIN: _in_tags(_CALLS_END, _with(_CALL_BEGIN), _one_by_one(_DEEPSEEK)),
}
"""By the opening tag."""

OPENINGS = re.compile("|".join(map(re.escape, sorted(CALL_FORMATS, key=len, reverse=True))))
