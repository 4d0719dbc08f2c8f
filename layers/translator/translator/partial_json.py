"""Reads the arguments of tool calls: JSON objects that come in pieces and may be cut short."""

import re
from collections.abc import Sequence
from json import JSONDecoder, dumps
from math import isfinite
from typing import Any, Literal, NoReturn

from pydantic_core import from_json

_MARK = re.compile(r'\\.?|["{}\[\]]', re.DOTALL)
"""What opens and closes in JSON text; an escape is taken together with what it escapes."""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("the number is too large")
    return number


_decode = JSONDecoder(parse_constant=_refuse, parse_float=_finite).decode


class ObjectScan:
    """Sees when an object that arrives in pieces is closed, and looks at each piece only once."""

    def __init__(self) -> None:
        self._seen = 0
        self._depth: int | None = None
        self._place: Literal["structure", "string", "escape"] = "structure"

    def is_closed(self, pieces: Sequence[str]) -> bool:
        """Whether the pieces so far, to which others have been added since the last time, close what they open."""
        for piece in pieces[self._seen :]:
            self._scan(piece)
        self._seen = len(pieces)
        return self._depth is not None and self._depth <= 0 and self._place == "structure"

    def end(self, piece: str) -> int | None:
        """Where what has been opened is closed in the next piece; None where that is not yet, or was before."""
        was_closed = self._depth is not None and self._depth <= 0
        return 0 if was_closed else self._scan(piece)

    def _scan(self, piece: str) -> int | None:
        """Look at the next piece. Returns where the depth comes back to nothing for the first time."""
        begins, ends = 0, None
        if self._place == "escape" and piece:
            begins = 1
            self._place = "string"
        for match in _MARK.finditer(piece, begins):
            mark = match[0]
            if mark == '"':
                self._place = "structure" if self._place == "string" else "string"
            elif self._place == "string":
                self._place = "escape" if mark == "\\" else "string"
            elif mark in "{[":
                self._depth = (self._depth or 0) + 1
            elif mark in "}]":
                self._depth = (self._depth or 0) - 1
                if ends is None and self._depth <= 0:
                    ends = match.end()
        return ends


def is_complete_object(text: str) -> bool:
    """Whether the text is one whole JSON object."""
    try:
        parse_object(text)
    except ValueError:
        return False
    return bool(text.strip())


def parse_value(text: str) -> Any:
    """The JSON value in `text`. Raises ValueError."""
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("the arguments are nested too deeply") from None


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`; no text at all is a call without arguments. Raises ValueError."""
    value = parse_value(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise ValueError("the arguments are no JSON object")
    return value


def parse_truncated_object(text: str) -> dict[str, Any]:
    """As much of a JSON object as has arrived: what was cut is left out."""
    if is_complete_object(text):
        return parse_object(text)
    try:
        return parse_object(dumps(from_json(text, allow_partial="trailing-strings")))
    except ValueError:
        return {}
