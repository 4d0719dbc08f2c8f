"""Repairs the odd arguments of some upstreams: an object encoded twice, or sent twice."""

from json import JSONDecoder
from typing import Any

from translator.anthropic.events import encode_json
from translator.partial_json import ObjectScan, parse_value
from translator.stream.halves import EscapedHalves

DEEPEST_ENCODING = 4
"""A text within a text within a text is what somebody has meant."""

_decode = JSONDecoder().raw_decode


class Arguments:
    """Passes an object through as it comes. It holds back other text until its meaning is known."""

    def __init__(self) -> None:
        self._halves = EscapedHalves()
        self._scan = ObjectScan()
        self._object: list[str] = []
        self._held: list[str] = []
        """The held text: a text in place of the object, or what follows the object."""

    def feed(self, fragment: str) -> str:
        """Return the part of the next fragment that certainly belongs to the object.

        Space before the object is left out.
        """
        fragment = self._halves.feed(fragment)
        return self._feed(fragment if self._object or self._held else fragment.lstrip())

    def flush(self) -> str:
        """Return the held text at the end, unless it repeats the object."""
        rest = self._feed(self._halves.flush())
        held = "".join(self._held)
        self._held = []
        if self._object:
            return rest + ("" if self._is_repeated(held) else held)
        return rest + _decoded(held)

    def _feed(self, fragment: str) -> str:
        if self._held or (not self._object and fragment.startswith('"')):
            self._held.append(fragment)
            return ""
        end = self._scan.end(fragment)
        passed = fragment if end is None else fragment[:end]
        if passed:
            self._object.append(passed)
        if end is not None and (rest := fragment[end:]):
            self._held.append(rest)
        return passed

    def _is_repeated(self, held: str) -> bool:
        """Tell whether nothing follows the object but the same object, plain or encoded."""
        rest = held.strip()
        if not rest:
            return True
        try:
            first = parse_value("".join(self._object))
            while rest:
                value, at = _decode(rest)
                if _unpacked(value) != first:
                    return False
                rest = rest[at:].lstrip()
        except (ValueError, RecursionError):
            return False
        return True


def _decoded(held: str) -> str:
    """Return the object in a text, or the text."""
    try:
        value = _unpacked(parse_value(held))
    except ValueError:
        return held
    return encode_json(value).decode("ascii") if isinstance(value, dict) else held


def _unpacked(value: Any) -> Any:
    for _ in range(DEEPEST_ENCODING):
        if not isinstance(value, str):
            break
        value = parse_value(value)
    return value
