"""Reads JSON with the bytes of each value, by the standard library alone: the stand-in shares no code with us."""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecoder
from typing import Any

_DECODER = JSONDecoder()
_SPACE = " \t\n\r"


def members(text: str) -> dict[str, str]:
    """The members of an object and how their values are written; of a name that stands twice, the last."""
    return {_DECODER.decode(name): value for name, value in _pairs(text)}


def items(text: str) -> list[str]:
    """How the items of an array are written."""
    found, position = [], _skip(text, text.index("[") + 1)
    while text[position] != "]":
        value, position = _value(text, position)
        found.append(value)
        position = _skip(text, position + 1) if text[position] == "," else position
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    position = _skip(text, text.index("{") + 1)
    while text[position] != "}":
        name, position = _value(text, position)
        value, position = _value(text, _skip(text, position + 1))
        yield name, value
        position = _skip(text, position + 1) if text[position] == "," else position


def _value(text: str, start: int) -> tuple[str, int]:
    """A value as it is written, and where what follows it begins."""
    parsed: tuple[Any, int] = _DECODER.raw_decode(text, start)
    return text[start : parsed[1]], _skip(text, parsed[1])


def _skip(text: str, position: int) -> int:
    while text[position] in _SPACE:
        position += 1
    return position
