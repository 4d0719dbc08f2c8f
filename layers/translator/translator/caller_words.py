"""The caller's own words in what an upstream says, so that nobody takes them for the upstream's.

Words are compared, not characters: an upstream may repeat a text cut short, in quotes, in other case or spacing,
escaped or with its escapes resolved. How long a span must be, docs/decisions/0026 says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

from pydantic import BaseModel

ECHO_WORDS = 5
"""So many words of the caller's in a row are repeated. Fewer stand in every long prompt by chance."""
NAME_ECHO_WORDS = 3
"""Of a name so many may be: upstreams repeat names rather than texts."""
LONGEST_NAME = 240
"""Characters. What is longer is a text: a URL, a title, a tool's name or an id is shorter."""

Words = Sequence[str]

_WORD = re.compile(r"[^\W_]+")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|%([0-9a-f]{2})|\\[nrtbf]", re.IGNORECASE)
_SAID_WORD = re.compile(rf"{_ESCAPE.pattern}|(?P<word>[^\W_]+)", re.IGNORECASE)
_DEEPEST_ESCAPE = 3
_BLANK = "·"


class Heard(NamedTuple):
    """What was said with the caller's words blanked out; every other character stands where it stood."""

    without_echoes: str
    """Without what can only be repeated."""
    without_doubt: str
    """Also without what may be."""


class CallerWords:
    """The strings of one request. They are read when something is compared with them."""

    def __init__(self, request: object) -> None:
        self._request = request

    def taken_out_of(self, said: str) -> Heard:
        """What is left of an upstream's words, line for line."""
        places = [match for match in _SAID_WORD.finditer(said) if match["word"]]
        words = [_plain(match["word"]) for match in places]
        runs = {length: set(_runs(words, length)) for length in (2, NAME_ECHO_WORDS, ECHO_WORDS)}
        texts = [form for text in _strings_of(self._request) for form in _forms(text)]
        echoes = runs[ECHO_WORDS].intersection(_runs(_words("\n".join(texts)), ECHO_WORDS))
        names = [_words(text) for text in texts if len(text) <= LONGEST_NAME]
        doubts = {run for name in names for run in runs[NAME_ECHO_WORDS].intersection(_runs(name, NAME_ECHO_WORDS))}
        doubts |= runs[2].intersection(tuple(name) for name in names)
        return Heard(
            _blanked(said, places, _covered(words, echoes)), _blanked(said, places, _covered(words, echoes | doubts))
        )

    def include(self, name: str) -> bool:
        """Whether the name stands anywhere in them, as a part of a word too."""
        sought = "".join(_words(name))
        return any(sought in "".join(_words(form)) for text in _strings_of(self._request) for form in _forms(text))


NO_WORDS = CallerWords(None)
"""Where there is no caller."""


def _strings_of(request: object) -> Iterator[str]:
    """Every string in the order of the request, the names in objects of the caller's own too; ours are none."""
    waiting = [request]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case BaseModel() as shape:
                waiting += reversed([*(value for _, value in shape), *(shape.model_extra or ())])
            case Mapping() as mapping:
                waiting += reversed([part for pair in mapping.items() for part in pair])
            case list() as items:
                waiting += reversed(items)
            case _:
                pass


def _forms(text: str) -> list[str]:
    """The text as it was sent, and as it reads with its escapes resolved."""
    forms = [text]
    while len(forms) <= _DEEPEST_ESCAPE and (resolved := _ESCAPE.sub(_character, forms[-1])) != forms[-1]:
        forms.append(resolved)
    return forms


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else " "


def _words(text: str) -> list[str]:
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _runs(words: Words, length: int) -> Iterable[tuple[str, ...]]:
    """All so many words in a row."""
    return zip(*(words[start:] for start in range(length)), strict=False)


def _covered(words: Words, runs: Iterable[tuple[str, ...]]) -> set[int]:
    """The places of words that one of the runs covers."""
    sought = set(runs)
    lengths = {len(run) for run in sought}
    return {
        start + step
        for length in lengths
        for start, run in enumerate(_runs(words, length))
        if run in sought
        for step in range(length)
    }


def _blanked(said: str, places: Sequence[re.Match[str]], covered: set[int]) -> str:
    """Without these words and what stands between two of them; a line's end stays."""
    characters = list(said)
    for place in covered:
        end = places[place + 1].start() if place + 1 in covered else places[place].end()
        for at in range(places[place].start(), end):
            if characters[at] != "\n":
                characters[at] = _BLANK
    return "".join(characters)
