"""Counts tokens with a vocabulary, which is read when it is first needed.

Where they come from, their licences and how they are made again stands in data/vocabularies/README.md.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from struct import calcsize, unpack_from
from threading import Lock
from unicodedata import normalize
from zlib import decompress

from translator.tokens.families import Vocabulary

from gateway.tokens.vocabulary_table import CUTS

DATA = Path(__file__).parents[1] / "data" / "vocabularies"
PIECE = 20_000
"""Characters at a time: tiktoken's regular expression runs out of stack over some hundred thousand spaces."""
SEARCHED = 2_000
"""Characters at the end of a piece in which a place is looked for where every vocabulary cuts by itself."""
REMEMBERED = 10_000
"""Texts whose counts are kept: a client sends its tools and the whole conversation again with every turn."""
_COUNTED: dict[tuple[Vocabulary, int, int], int] = {}
"""By length and hash, so that no text is kept."""
_READING = Lock()
"""Threads that need a vocabulary at the same time wait for the one that reads it: it has a hundred megabytes."""
_PLACE = re.compile(r"\S(?= [A-Za-z])")
_TO_NORMALIZE = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]{1,200}")
"""At a time, since a run of marks takes its length squared; nothing composes with an ASCII character after it."""


def count_in(vocabulary: Vocabulary, text: str) -> int:
    """Tokens of the text."""
    key = (vocabulary, len(text), hash(text))
    counted = _COUNTED.get(key)
    if counted is None:
        if len(_COUNTED) >= REMEMBERED:
            _COUNTED.clear()
        counted = _COUNTED[key] = sum(map(_tokenizer(vocabulary).count, _pieces(text)))
    return counted


def load(vocabularies: Iterable[Vocabulary]) -> None:
    """Read them now, where there is time: each takes a tenth of a second or two."""
    for vocabulary in vocabularies:
        _tokenizer(vocabulary)


def read_tokens(vocabulary: Vocabulary) -> list[bytes]:
    """The tokens in the order of their ranks."""
    data = decompress((DATA / f"{vocabulary}.zlib").read_bytes())
    (number,) = unpack_from("<I", data)
    lengths = f"<4x{number}H"
    ends = accumulate(unpack_from(lengths, data), initial=calcsize(lengths))
    return [data[start:end] for start, end in pairwise(ends)]


class _Tokenizer:
    def __init__(self, vocabulary: Vocabulary) -> None:
        from tiktoken import Encoding

        tokens = read_tokens(vocabulary)
        ranks = {token: rank for rank, token in enumerate(tokens)}
        self._cut = CUTS[vocabulary]
        self._encoding = Encoding(vocabulary, pat_str=self._cut.pattern, mergeable_ranks=ranks, special_tokens={})
        ranks.clear()  # tiktoken counts with a copy of its own
        self._characters = frozenset(_characters(tokens)) if self._cut.byte_fallback else frozenset()

    def count(self, text: str) -> int:
        return len(self._encoding.encode_ordinary(text if text.isascii() else self._prepared(text)))

    def _prepared(self, text: str) -> str:
        if form := self._cut.normalization:
            return _TO_NORMALIZE.sub(lambda found: normalize(form, found[0]), text)
        if self._cut.byte_fallback:
            unknown = set(text) - self._characters
            # NUL is a token that goes together with no other.
            return text.translate({ord(each): "\0" * len(each.encode("utf-8", "surrogatepass")) for each in unknown})
        return text


def _tokenizer(vocabulary: Vocabulary) -> _Tokenizer:
    with _READING:
        return _read(vocabulary)


@cache
def _read(vocabulary: Vocabulary) -> _Tokenizer:
    return _Tokenizer(vocabulary)


def _characters(tokens: Iterable[bytes]) -> Iterator[str]:
    """Those that are tokens by themselves."""
    for token in tokens:
        if len(token) <= 4 and len(character := token.decode("utf-8", "ignore")) == 1:
            yield character


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > PIECE:
        end = start + PIECE
        place = _PLACE.search(text, end - SEARCHED, end)
        end = place.end() if place else end
        yield text[start:end]
        start = end
    yield text[start:]
