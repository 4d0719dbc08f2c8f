"""The formats in which models write tool calls: their tags, and what stands between them.

Hermes and Qwen, Qwen-Coder (and Llama, without the outer tags), Anthropic's older XML and MiniMax, Kimi, DeepSeek.
Sources: the models' chat templates, and https://docs.vllm.ai/en/latest/features/tool_calling.html.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from json import JSONDecodeError
from typing import Any, NamedTuple

from translator.partial_json import parse_object, parse_value

Schemas = Mapping[str, Mapping[str, Any]]
"""By the name of a tool that was offered, its parameters: they tell a number from a text that looks like one."""


def schemas_of(tools: Iterable[Mapping[str, Any]]) -> Schemas:
    """Of the tools of a request of chat completions."""
    return {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in tools}


class WrittenCall(NamedTuple):
    """One call."""

    name: str
    arguments: dict[str, Any]


class NoCallError(Exception):
    """What stands between the tags is text."""


class UnfinishedCallError(Exception):
    """It breaks off within a call."""


Read = Callable[[str, Schemas], list[WrittenCall]]
"""The calls in a text. Raises `NoCallError`, or `UnfinishedCallError`."""


class CallFormat(NamedTuple):
    """What stands around calls, and how they are read."""

    closing: str
    beginnings: Callable[[Schemas], tuple[str, ...]]
    """How what stands behind the opening tag can begin."""
    read: Read
    """Of what stands behind the opening tag; the closing one may be missing where the calls have ends of their own."""

    def can_begin(self, text: str, schemas: Schemas) -> bool:
        """Whether the text, without the space before it, is the beginning of calls, or too short to tell."""
        return any(text.startswith(each) or each.startswith(text) for each in self.beginnings(schemas))


class _Markup(NamedTuple):
    """Calls whose arguments are elements."""

    call: re.Pattern[str]
    call_end: str
    argument: re.Pattern[str]
    argument_end: re.Pattern[str]


_QWEN = _Markup(
    re.compile(r"\s*<function=([^<>\s]+)>\s*"),
    "</function>",
    re.compile(r"\s*<parameter=([^<>]+)>"),
    re.compile(r"</parameter>(?=\s*(?:<parameter=|</function>))"),
)
_XML = _Markup(
    re.compile(r"""\s*<invoke name=["']?([^<>"'\s]+)["']?>\s*"""),
    "</invoke>",
    re.compile(r"""\s*<parameter name=["']?([^<>"']+)["']?[^<>]*>"""),
    re.compile(r"</parameter>(?=\s*(?:<parameter name=|</invoke>))"),
)
_KIMI = re.compile(
    r"\s*<\|tool_call_begin\|>\s*(?:functions\.)?([\w.-]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>"
    r"(.*?)<\|tool_call_end\|>\s*",
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


def _marked_up(markup: _Markup) -> Read:
    def read(text: str, schemas: Schemas) -> list[WrittenCall]:
        calls, at = [], 0
        while at < len(text):
            begin = markup.call.match(text, at)
            if begin is None:
                raise NoCallError
            arguments, at = _arguments(text, begin.end(), markup, _schema(begin[1], schemas))
            calls.append(WrittenCall(begin[1], arguments))
        return calls

    return read


def _one_by_one(pattern: re.Pattern[str]) -> Read:
    def read(text: str, schemas: Schemas) -> list[WrittenCall]:
        calls, at = [], 0
        while at < len(text):
            call = pattern.match(text, at)
            if call is None:
                raise NoCallError
            _schema(call[1], schemas)
            calls.append(WrittenCall(call[1], _object(call[2])))
            at = call.end()
        return calls

    return read


def _json_or_qwen(text: str, schemas: Schemas) -> list[WrittenCall]:
    if not text.startswith("{"):
        return _marked_up(_QWEN)(text, schemas)
    call = _object(text)
    name, arguments = call.get("name"), call.get("arguments", call.get("parameters", {}))
    if isinstance(arguments, str):
        arguments = _object(arguments)
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise NoCallError
    _schema(name, schemas)
    return [WrittenCall(name, arguments)]


def _within(closing: str, read: Read) -> Read:
    """For calls in outer tags: without the closing one."""
    return lambda text, schemas: read(text.removesuffix(closing).strip(), schemas)


def _bare(opening: str, read: Read) -> Read:
    """For a call without outer tags: with its own opening one."""
    return lambda text, schemas: read(opening + text, schemas)


def _arguments(text: str, at: int, markup: _Markup, schema: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """The arguments of the call whose own tag ends at `at`, and where it ends itself."""
    if text.startswith("{", at):
        return _json_arguments(text, at, markup.call_end)
    arguments: dict[str, Any] = {}
    while begin := markup.argument.match(text, at):
        end = markup.argument_end.search(text, begin.end())
        if end is None:
            raise UnfinishedCallError
        value = text[begin.end() : end.start()].removeprefix("\n").removesuffix("\n")
        arguments[begin[1]] = _value(value, schema.get("properties", {}).get(begin[1]))
        at = end.end()
    behind = text[at:].lstrip()
    if behind.startswith(markup.call_end):
        return arguments, len(text) - len(behind) + len(markup.call_end)
    raise UnfinishedCallError if markup.call_end.startswith(behind) else NoCallError


def _json_arguments(text: str, at: int, call_end: str) -> tuple[dict[str, Any], int]:
    """Llama's: JSON between the tags of the call, which may hold them in its texts."""
    ends = at
    while (ends := text.find(call_end, ends)) >= 0:
        try:
            return _object(text[at:ends]), ends + len(call_end)
        except UnfinishedCallError:
            ends += len(call_end)
    raise UnfinishedCallError


def _schema(name: str, schemas: Schemas) -> Mapping[str, Any]:
    if name not in schemas:
        raise NoCallError
    return schemas[name]


def _object(text: str) -> dict[str, Any]:
    try:
        return parse_object(text)
    except JSONDecodeError as error:
        is_within_text = error.msg.startswith("Unterminated string")
        raise (UnfinishedCallError if is_within_text else NoCallError) from None
    except ValueError:
        raise NoCallError from None


def _value(text: str, schema: object) -> Any:
    """The argument: JSON where its schema wants something else than text and it is that, else text."""
    types = set(_types(schema)) - {"string"}
    if not types:
        return text
    try:
        value = parse_value(text.lower() if text in ("True", "False") else text)
    except ValueError:
        return text
    return value if _TYPES[type(value)] & types else text


_TYPES: Mapping[type, frozenset[str]] = {
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
    str: frozenset(),
    dict: frozenset({"object"}),
    list: frozenset({"array"}),
    type(None): frozenset({"null"}),
}
"""What a value is called in a schema. A text in quotation marks is a text that has some."""


def _types(schema: object) -> Iterator[str]:
    """The types that a schema allows, as far as it names them."""
    if not isinstance(schema, Mapping):
        return
    named = schema.get("type")
    yield from (each.lower() for each in (named if isinstance(named, list) else [named]) if isinstance(each, str))
    for union in ("anyOf", "oneOf"):
        for part in schema.get(union) or ():
            yield from _types(part)


def _with(*beginnings: str) -> Callable[[Schemas], tuple[str, ...]]:
    return lambda _schemas: beginnings


def _with_a_tool(before: str, behind: str) -> Callable[[Schemas], tuple[str, ...]]:
    return lambda schemas: tuple(f"{before}{name}{behind}" for name in schemas)


def _in_tags(closing: str, beginnings: Callable[[Schemas], tuple[str, ...]], read: Read) -> CallFormat:
    return CallFormat(closing, beginnings, _within(closing, read))


CALL_FORMATS: Mapping[str, CallFormat] = {
    "<tool_call>": _in_tags("</tool_call>", _with("{", "<function="), _json_or_qwen),
    "<function=": CallFormat("</function>", _with_a_tool("", ">"), _bare("<function=", _marked_up(_QWEN))),
    "<function_calls>": _in_tags("</function_calls>", _with("<invoke name="), _marked_up(_XML)),
    "<minimax:tool_call>": _in_tags("</minimax:tool_call>", _with("<invoke name="), _marked_up(_XML)),
    "<invoke name=": CallFormat("</invoke>", _with_a_tool('"', '"'), _bare("<invoke name=", _marked_up(_XML))),
    "<|tool_calls_section_begin|>": _in_tags(
        "<|tool_calls_section_end|>", _with("<|tool_call_begin|>"), _one_by_one(_KIMI)
    ),
    _CALLS_BEGIN: _in_tags(_CALLS_END, _with(_CALL_BEGIN), _one_by_one(_DEEPSEEK)),
}
"""By the opening tag."""

OPENINGS = re.compile("|".join(map(re.escape, CALL_FORMATS)))
