"""Finds in a text the value for a field by its name: a place for `city`, an address for `url`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

LONGEST_TITLE: Final = 6
"""Words."""

_CAPITALISED = r"[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*"
_PLACES = re.compile(
    rf"\b(?:in|for|of|at|to|from|near)\s+({_CAPITALISED}(?:(?:,\s*(?:and\s+)?|\s+and\s+){_CAPITALISED})*)"
)
_BETWEEN_PLACES = re.compile(r",?\s+and\s+")
_NO_NAME = r"(?:Extract|Find|Give|Here|How|I|It|Make|My|Please|Tell|That|The|This|What|Which|Who)\b"
"""What a sentence may begin with."""
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "path": re.compile(r"[\w~/\\.-]*(?:\.[A-Za-z]\w*|/[\w.-]+)"),
    "url": re.compile(r"https?://[^\s\"'`<>]*[\w/]"),
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "date": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "expression": re.compile(r"[-(]*\d[\d\s.()*/+^%-]*[\d)]|\d"),
    "command": re.compile(r"(?<=`)[^`\n]+(?=`)"),
    "name": re.compile(rf"(?<=[a-z,:] ){_CAPITALISED}|^(?!{_NO_NAME}){_CAPITALISED}"),
}
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)")

_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("city", "location", "place", "country", "town", "destination", "origin", "region"), "place"),
    **dict.fromkeys(("path", "file", "filename", "filepath"), "path"),
    **dict.fromkeys(("url", "uri", "link", "website"), "url"),
    **dict.fromkeys(("email", "mail", "recipient"), "email"),
    **dict.fromkeys(("date", "day"), "date"),
    **dict.fromkeys(("expression", "formula", "calculation"), "expression"),
    **dict.fromkeys(("command", "cmd"), "command"),
    **dict.fromkeys(("name", "person", "customer", "author"), "name"),
    **dict.fromkeys(("title", "headline", "subject"), "title"),
}
"""By the last word of a field's name; of any other field a text says nothing that could be found."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name, `filePath` and `file_path` alike, in lower case."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def strings(name: str, text: str) -> list[str]:
    """Return what `text` says of a field; nothing where it says nothing, or the field's name tells nothing."""
    last_word = words(name)[-1:]
    match kind := _KINDS.get(singular(*last_word) if last_word else "", ""):
        case "place":
            return [place for match in _PLACES.finditer(text) for place in _BETWEEN_PLACES.split(match[1])]
        case "title":
            return [" ".join(text.split()[:LONGEST_TITLE])] if text.strip() else []
        case "":
            return []
        case _:
            return [match[0] for match in _PATTERNS[kind].finditer(text)]


def singular(word: str) -> str:
    """Return one of what the word names several of: `city` of `cities`."""
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def numbers(text: str) -> list[float]:
    """Return the numbers in a text."""
    return [float(number) for number in _NUMBER.findall(text)]
