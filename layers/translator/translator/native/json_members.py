"""Reads a JSON object member by member: its values, and where each of them stands in the text.

The nested values are read by the standard library's own scanner, so that nothing is read twice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined] # the stub lacks it
from math import isinf
from typing import Any, NamedTuple, NoReturn

_SPACES = frozenset(" \t\n\r")
_SPACE = re.compile(r"[ \t\n\r]*")


class Span(NamedTuple):
    """The place of a value in a text: the positions of its first character, and of the one after its last."""

    start: int
    end: int


class Edit(NamedTuple):
    """A part of a text, and its replacement."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A JSON object in its written form."""

    text: str
    members: dict[str, Any]
    spans: Mapping[str, Span]
    """The places of the members' values."""


class DuplicateNameError(ValueError):
    """An object has a name twice. Readers differ in which of the two they take."""


def _finite(text: str) -> float:
    """Refuse a number beyond all floats: it would go upstream as `Infinity`, which is no JSON."""
    number = float(text)
    if isinf(number):
        raise ValueError("no finite number")
    return number


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity.

    Python reads and writes them, but they are no JSON, and an upstream would refuse the body.
    """
    raise ValueError(name)


_DECODER: Any = JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant)


def read_json(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError."""
    return _DECODER.decode(text)


def read_object(text: str) -> JsonObject:
    """Return the one object of a text. Raises ValueError."""
    values: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    end = _skip(text, 0) + 1
    for name, value, span in _walk(text, end - 1):
        if name in values:
            raise DuplicateNameError(name)
        values[name], spans[name], end = value, span, span.end
    end = _skip(text, _skip(text, end) + 1)
    if end != len(text):
        raise JSONDecodeError("Extra data", text, end)
    return JsonObject(text, values, spans)


def item_spans(text: str, span: Span) -> Sequence[Span]:
    """Return the places of an array's items. The text there must be an array."""
    position = _skip(text, span.start + 1)
    found = []
    while text[position] != "]":
        _, end = _scan(text, position)
        found.append(Span(position, end))
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return found


def member_spans(text: str, span: Span) -> dict[str, Span]:
    """Return the places of an object's values; for a name that stands twice, the last one.

    The text there must be an object.
    """
    return {name: found for name, _, found in _walk(text, span.start)}


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with each part replaced. The parts must not overlap."""
    pieces, position = [], 0
    for (start, end), new in sorted(edits):
        pieces += [text[position:start], new]
        position = end
    return "".join([*pieces, text[position:]])


def _walk(text: str, position: int) -> Iterator[tuple[str, Any, Span]]:
    """Yield the members of the object that begins here."""
    position = _skip(text, position + 1)
    while text[position : position + 1] != "}":
        if text[position : position + 1] != '"':
            raise JSONDecodeError("Expecting property name enclosed in double quotes", text, position)
        name, position = scanstring(text, position + 1, True)  # noqa: FBT003 -- strict: C takes it by position only
        position = _skip(text, position)
        if text[position : position + 1] != ":":
            raise JSONDecodeError("Expecting ':' delimiter", text, position)
        start = _skip(text, position + 1)
        value, position = _scan(text, start)
        yield name, value, Span(start, position)
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
            if text[position : position + 1] == "}":
                raise JSONDecodeError("Expecting property name enclosed in double quotes", text, position)
        elif text[position : position + 1] != "}":
            raise JSONDecodeError("Expecting ',' delimiter", text, position)


def _scan(text: str, position: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.scan_once(text, position)
    except StopIteration as stop:
        raise JSONDecodeError("Expecting value", text, stop.value) from None
    return value, end


def _skip(text: str, position: int) -> int:
    if text[position : position + 1] not in _SPACES:
        return position
    match = _SPACE.match(text, position)
    return position if match is None else match.end()
