"""Finds the caller's own words in what an upstream says, so that they are not taken for the upstream's.

Words are compared, not characters: an upstream may repeat a text cut short, in quotes, in other case or spacing,
escaped or with its escapes resolved. How long a span must be, docs/decisions/0023 says.
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

Run = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|%([0-9a-f]{2})|\\[nrtbf]", re.IGNORECASE)
_SAID_WORD = re.compile(rf"{_ESCAPE.pattern}|(?P<word>[^\W_]+(?:_[^\W_]+)*)", re.IGNORECASE)
"""Of an upstream; a name such as `prompt_cache_key` is one, since prompts about APIs contain it by chance."""
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
        self.request = request
        self.are_known = True

    def forget(self) -> None:
        """Let the request go, which may be large: from now on nobody can tell what is the caller's."""
        self.request = None
        self.are_known = False

    def taken_out_of(self, said: str) -> Heard:
        """What is left of an upstream's words, line for line."""
        places = [match for match in _SAID_WORD.finditer(said) if match["word"]]
        words = [tuple(_words(match["word"])) for match in places]
        texts = [form for text in _strings_of(self.request) for form in _forms(text)]
        names = [_words(text) for text in texts if len(text) <= LONGEST_NAME]
        whole_names = {tuple(name) for name in names if len(name) > 1}
        echoes = _repeated(words, ECHO_WORDS, [_words("\n".join(texts))])
        doubts = _repeated(words, NAME_ECHO_WORDS, names)
        for length in (1, 2):
            doubts |= _covered(words, length, whole_names)
        return Heard(_blanked(said, places, echoes), _blanked(said, places, echoes | doubts))

    def include(self, name: str) -> bool:
        """Whether the name stands anywhere in them, as a part of a word too."""
        sought = "".join(_words(name))
        return any(sought in "".join(_words(form)) for text in _strings_of(self.request) for form in _forms(text))


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


def _repeated(said: Sequence[Run], length: int, texts: Sequence[Sequence[str]]) -> set[int]:
    """The places of the words that stand in a run of this length, and so in one of the texts."""
    sought: dict[int, set[Run]] = {}
    for run in _runs(said, length):
        sought.setdefault(len(run), set()).add(run)
    found = {run for size, runs in sought.items() for text in texts for run in runs.intersection(_pieces(text, size))}
    return _covered(said, length, found)


def _covered(said: Sequence[Run], length: int, sought: set[Run]) -> set[int]:
    """The places of the words that stand in a run of this length which is sought."""
    starts = (start for start, run in enumerate(_runs(said, length)) if run in sought)
    return {start + step for start in starts for step in range(length)}


def _runs(said: Sequence[Run], length: int) -> Iterator[Run]:
    """So many words in a row, from each on, in their parts."""
    for start in range(len(said) - length + 1):
        yield tuple(part for word in said[start : start + length] for part in word)


def _pieces(text: Sequence[str], size: int) -> Iterable[Run]:
    return zip(*(text[start:] for start in range(size)), strict=False)


def _blanked(said: str, places: Sequence[re.Match[str]], covered: set[int]) -> str:
    """Without these words and what stands between two of them; a line's end stays."""
    characters = list(said)
    for place in covered:
        end = places[place + 1].start() if place + 1 in covered else places[place].end()
        for at in range(places[place].start(), end):
            if characters[at] != "\n":
                characters[at] = _BLANK
    return "".join(characters)
