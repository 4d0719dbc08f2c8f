"""Reads calls whose arguments are elements, each in the tags of its model."""

import re
from collections.abc import Callable, Iterator, Mapping
from json import JSONDecodeError
from typing import Any, NamedTuple

from translator.partial_json import parse_object, parse_value
from translator.tool_names import offered_name

Schemas = Mapping[str, Mapping[str, Any]]
"""By the name of a tool that was offered, its parameters: they tell a number from a text that looks like one."""


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


class Markup(NamedTuple):
    """How the elements of a call look."""

    call: re.Pattern[str]
    call_end: str
    argument: re.Pattern[str]
    """Its first group is the name."""
    argument_end: re.Pattern[str] | None
    """None: the argument's own name stands in its last tag."""
    is_json: Callable[[re.Match[str]], bool | None] = lambda _argument: None
    """Whether the argument's tag says of the value that it is JSON, or a text; None: the schema decides."""


QWEN = Markup(
    re.compile(r"\s*<function=([^<>\s]+)>\s*"),
    "</function>",
    re.compile(r"\s*<parameter=([^<>]+)>"),
    re.compile(r"</parameter>(?=\s*(?:<parameter=|</function>))"),
)
XML = Markup(
    re.compile(r"""\s*<invoke name=["']?([^<>"'\s]+)["']?>\s*"""),
    "</invoke>",
    re.compile(r"""\s*<parameter name=["']?([^<>"']+)["']?[^<>]*>"""),
    re.compile(r"</parameter>(?=\s*(?:<parameter name=|</invoke>))"),
)
_DSML = "\uff5cDSML\uff5c"
DSML = Markup(
    re.compile(rf"""\s*<{_DSML}invoke name=["']?([^<>"'\s]+)["']?>\s*"""),
    f"</{_DSML}invoke>",
    re.compile(rf"""\s*<{_DSML}parameter name=["']?([^<>"']+)["']?(?:\s+string=["']?(true|false)["']?)?[^<>]*>"""),
    re.compile(rf"</{_DSML}parameter>(?=\s*(?:<{_DSML}parameter name=|</{_DSML}invoke>))"),
    lambda argument: None if argument[2] is None else argument[2] == "false",
)
GLM = Markup(
    re.compile(r"\s*([^<>\s]+)\s*(?=<arg_key>|\Z)"),
    "",
    re.compile(r"\s*<arg_key>\s*([^<>]+?)\s*</arg_key>\s*<arg_value>"),
    re.compile(r"</arg_value>(?=\s*(?:<arg_key>|\Z))"),
)
"""Its call has no tags of its own: it is all that stands in the outer ones."""
MINIMAX_3 = Markup(
    re.compile(r"""\s*<invoke name=["']?([^<>"'\s]+)["']?>\s*"""),
    "</invoke>",
    re.compile(r"\s*<(?!/)([\w.-]+)>"),
    None,
)
MINIMAX_NAMESPACE = "]<]minimax[>["
"""Stands before each tag of MiniMax-M3's."""


def marked_up(markup: Markup) -> Read:
    """Reads calls that stand one behind the other."""

    def read(text: str, schemas: Schemas) -> list[WrittenCall]:
        calls, at = [], 0
        while at < len(text):
            begin = markup.call.match(text, at)
            if begin is None:
                raise NoCallError
            name = offered(begin[1], schemas)
            arguments, at = _arguments(text, begin.end(), markup, schemas[name])
            calls.append(WrittenCall(name, arguments))
        return calls

    return read


def without_namespace(text: str, schemas: Schemas) -> list[WrittenCall]:
    """Reads the calls of MiniMax-M3, each of whose tags stands behind the same token."""
    return marked_up(MINIMAX_3)(text.replace(MINIMAX_NAMESPACE, ""), schemas)


def offered(name: str, schemas: Schemas) -> str:
    """The name of the tool that is called. Raises `NoCallError` where none such was offered."""
    found = offered_name(name, schemas)
    if found is None:
        raise NoCallError
    return found


def as_object(text: str) -> dict[str, Any]:
    """The JSON object in a text. Raises `NoCallError`, or `UnfinishedCallError` where the text ends within a string."""
    try:
        return parse_object(text)
    except JSONDecodeError as error:
        is_within_text = error.msg.startswith("Unterminated string")
        raise (UnfinishedCallError if is_within_text else NoCallError) from None
    except ValueError:
        raise NoCallError from None


def _arguments(text: str, at: int, markup: Markup, schema: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """The arguments of the call whose own tag ends at `at`, and where it ends itself."""
    if text.startswith("{", at):
        return _json_arguments(text, at, markup.call_end)
    arguments: dict[str, Any] = {}
    while begin := markup.argument.match(text, at):
        ends = markup.argument_end or re.compile(rf"</{re.escape(begin[1])}>(?=\s*(?:<(?!/)[\w.-]+>|</invoke>))")
        end = ends.search(text, begin.end())
        if end is None:
            raise UnfinishedCallError
        value = text[begin.end() : end.start()].removeprefix("\n").removesuffix("\n")
        arguments[begin[1]] = _value(value, schema.get("properties", {}).get(begin[1]), is_json=markup.is_json(begin))
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
            return as_object(text[at:ends]), ends + len(call_end)
        except UnfinishedCallError:
            ends += len(call_end)
    raise UnfinishedCallError


def _value(text: str, schema: object, *, is_json: bool | None) -> Any:
    """The argument: JSON where its schema wants something else than text and it is that, else text."""
    types = set(_types(schema)) - {"string"}
    if is_json is False or not (types or is_json):
        return text
    try:
        value = parse_value(text.lower() if text in ("True", "False") else text)
    except ValueError:
        return _elements(text, schema) if types & {"array", "object"} else text
    return value if is_json or _TYPES[type(value)] & types else text


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


_ELEMENT = re.compile(r"\s*<([\w.-]+)>(.*?)</\1>\s*", re.DOTALL)
MOST_ELEMENTS = 1_000


def _elements(text: str, schema: object) -> Any:
    """MiniMax-M3's lists (`<item>`) and objects within an argument; the text where it is neither."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        element = _ELEMENT.match(text, at)
        if element is None or len(found) == MOST_ELEMENTS:
            return text
        found.append((element[1], element[2]))
        at = element.end()
    holder = schema if isinstance(schema, Mapping) else {}
    if all(name == "item" for name, _ in found) and "array" in set(_types(schema)):
        return [_value(value, holder.get("items"), is_json=None) for _, value in found]
    properties = holder.get("properties")
    named = properties if isinstance(properties, Mapping) else {}
    return {name: _value(value, named.get(name), is_json=None) for name, value in found}
