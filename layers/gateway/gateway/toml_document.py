"""Reads a TOML document strictly: each mistake is told with its line, an unknown name too.

A `Table` is read key by key, each with the kind of value it must have. A wrong value is noted and reads as if it were
absent, so that one reading finds all mistakes; `Document.finish` raises them together.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

Value = TypeVar("Value")


class DocumentError(ValueError):
    """The mistakes of a file; the message has a line for each, `file:line: key: what is allowed`."""


class Mistake(NamedTuple):
    """One mistake. Values are not repeated, since a key may have been written where none belongs."""

    keys: tuple[str, ...]
    """From the outermost table to the key."""
    message: str


class Document:
    """The document in the file at `path`. Raises `DocumentError` where it cannot be read or is no TOML."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise DocumentError(f"{path}: cannot be read: {reason}") from error
        try:
            values = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise DocumentError(_syntax_error(path, self._text, str(error))) from error
        self._mistakes: list[Mistake] = []
        self.root = Table((), values, self._mistakes)

    def finish(self) -> None:
        """Raise `DocumentError` with all that was wrong, in the order of the lines."""
        if self._mistakes:
            told = sorted((line_of(self._text, mistake.keys), mistake) for mistake in self._mistakes)
            raise DocumentError("\n".join(f"{self._path}:{line}: {_told(mistake)}" for line, mistake in told))


class Table:
    """One table of a document. Everything that is there must be asked for before `end`."""

    def __init__(self, keys: tuple[str, ...], values: Mapping[str, Any], mistakes: list[Mistake]) -> None:
        self._keys = keys
        self._values = dict(values)
        self._mistakes = mistakes
        self._known: dict[str, None] = {}

    @property
    def name(self) -> str:
        """Its own key."""
        return self._keys[-1]

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        """The keys that are there and were not asked for yet."""
        return iter([key for key in self._values if key not in self._known])

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        found = self._take(key, str, "a text")
        if found is not None and not found.strip():
            self.mistake(key, "must not be empty")
            return None
        return found

    def texts(self, key: str, *, or_one: bool = False) -> tuple[str, ...] | None:
        """A list of texts; with `or_one`, a single text stands for a list of it."""
        if or_one and isinstance(self._values.get(key), str):
            single = self.text(key)
            return None if single is None else (single,)
        found = self._take(key, list, "a text or a list of texts" if or_one else "a list of texts")
        if found is not None and not all(isinstance(item, str) and item.strip() for item in found):
            self.mistake(key, "must hold texts only, none of them empty")
            return None
        return None if found is None else tuple(found)

    def flag(self, key: str) -> bool | None:
        """True or false."""
        return self._take(key, bool, "true or false")

    def count(self, key: str) -> int | None:
        """A whole number above 0."""
        found = self._take(key, int, "a whole number")
        if found is not None and found < 1:
            self.mistake(key, "must be 1 or more")
            return None
        return found

    def counts(self, key: str) -> tuple[int, ...] | None:
        """A list of whole numbers above 0."""
        found = self._take(key, list, "a list of whole numbers")
        if found is not None and not all(type(item) is int and item > 0 for item in found):
            self.mistake(key, "must hold whole numbers only, each 1 or more")
            return None
        return None if found is None else tuple(found)

    def amount(self, key: str) -> float | None:
        """A number, 0 or more."""
        if type(self._values.get(key)) is int:
            self._values[key] = float(self._values[key])
        found = self._take(key, float, "a number")
        if found is not None and not 0 <= found < float("inf"):
            self.mistake(key, "must be 0 or more")
            return None
        return found

    def choice(self, key: str, allowed: Iterable[str]) -> str | None:
        """One of the allowed words."""
        found = self._take(key, str, "a text")
        return found if found is None or self._allowed(key, [found], tuple(allowed), "must be one of") else None

    def choices(self, key: str, allowed: Iterable[str]) -> tuple[str, ...] | None:
        """Some of the allowed words, in the order of `allowed`."""
        words, found = tuple(allowed), self.texts(key)
        if found is None or not self._allowed(key, found, words, "may hold"):
            return None
        return tuple(word for word in words if word in found)

    def table(self, key: str) -> "Table":
        """A table, empty where there is none."""
        found = self._take(key, dict, "a table")
        return Table((*self._keys, key), found or {}, self._mistakes)

    def tables(self) -> Iterator["Table"]:
        """The tables in this one, each under a name of the operator's."""
        for key in self:
            if self._take(key, dict, "a table") is not None:
                yield self.table(key)

    def mistake(self, key: str | None, message: str) -> None:
        """Note what is wrong with a key, or with the table itself."""
        self._mistakes.append(Mistake(self._keys if key is None else (*self._keys, key), message))

    def end(self) -> None:
        """Note the keys that nobody has asked for."""
        for key in self:
            self.mistake(key, f"is not known here; known are {', '.join(self._known)}")

    def _take(self, key: str, kind: type[Value], what: str) -> Value | None:
        self._known[key] = None
        value = self._values.get(key)
        # Not isinstance: true is no number, although Python's bool is an int.
        if value is None or type(value) is kind:
            return value
        hint = "; a key with a dot in it stands in quotes" if isinstance(value, dict) else ""
        self.mistake(key, f"must be {what}{hint}")
        return None

    def _allowed(self, key: str, found: Iterable[str], allowed: tuple[str, ...], verb: str) -> bool:
        if set(found) <= set(allowed):
            return True
        self.mistake(key, f"{verb} {', '.join(allowed)}")
        return False


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line on which the key (named from the outermost table on) begins, counted from 1.

    tomllib does not tell it. But the beginning of a document, cut after a whole statement, is a document: the key
    begins one line after the last such cut that does not hold it yet.
    """
    begins = 1
    lines = text.split("\n")
    for count in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value of several lines
        if _holds(document, keys):
            return begins
        begins = count + 1
    return 1


def _holds(document: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True


def _told(mistake: Mistake) -> str:
    return f"{'.'.join(mistake.keys)}: {mistake.message}" if mistake.keys else mistake.message


def _syntax_error(path: Path, text: str, message: str) -> str:
    """TOML's own words, with the line where the others have it. They quote no more than one character."""
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    line = (found and found[1]) or text.count("\n") + 1
    return f"{path}:{line}: is not TOML: {message}"
