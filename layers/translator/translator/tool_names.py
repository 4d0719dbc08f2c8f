"""Makes tool names that upstreams take: at most 64 letters, digits, `_` and `-`.

Models write names with markup of their templates, with a namespace, a number, or in another case: such a name is the
offered one that it reduces to, where that is one alone.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from translator.anthropic.errors import upstream_failure

MAX_LENGTH = 64
LONGEST_CALLED = 512
"""Characters of a name that a model has written."""
_HASH_LENGTH = 8
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]")
_LAWFUL = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What the API allows as the name of a `tool_use`."""
_MARKUP = re.compile(r"<\|.*?(?:\|>|\Z)|<\uff5c.*?(?:\uff5c>|\Z)|<[^<>]*(?:>|\Z)|[`'\"]", re.DOTALL)
_PLACE = re.compile(r"[:.#]\d+\Z")
"""Kimi's number of the call, which no lawful name ends in."""
_NUMBER = re.compile(r"(?<=[A-Za-z_])\d{1,3}\Z")
_NAMESPACE = re.compile(r"\A(?:functions?|tools?|default_api|assistant|commentary|to=functions|to)[.:/=]?")
_SEPARATOR = re.compile(r"[.:/\s]+")


class ToolNames:
    """Both directions for the names of one request: rebuilt from it each time, so nothing is stored."""

    def __init__(self, names: Iterable[str]) -> None:
        self._originals = {shorten(name): name for name in names}

    def original(self, upstream_name: str) -> str:
        """The caller's name for what the upstream called. Raises `ApiError` for one that no answer can hold."""
        offered = offered_name(upstream_name, self._originals)
        if offered is not None:
            return self._originals[offered]
        if not _LAWFUL.fullmatch(upstream_name):
            raise upstream_failure("the model has called a tool by a name that is none", "overloaded_error")
        return upstream_name


def offered_name(called: str, offered: Iterable[str]) -> str | None:
    """The one of the offered names that is meant; None where it is none of them, or may be several."""
    names = frozenset(offered)
    if called in names:
        return called
    by_letters: dict[str, set[str]] = {}
    for name in names:
        by_letters.setdefault(_letters(name), set()).add(name)
    for written in _reductions(called[:LONGEST_CALLED]):
        if written in names:
            return written
        if len(same := by_letters.get(_letters(written), set())) == 1:
            return next(iter(same))
    return None


def _reductions(called: str) -> Iterator[str]:
    """What the name may mean, with ever less of what stands around it."""
    plain = _PLACE.sub("", _MARKUP.sub(" ", called).strip())
    first = plain.split(" ", 1)[0]
    for name in dict.fromkeys((plain, first)):
        for form in dict.fromkeys((name, _NUMBER.sub("", name))):
            yield form
            yield _NAMESPACE.sub("", form)
            parts = _SEPARATOR.split(form)
            yield from (_NUMBER.sub("", part) for part in reversed(parts[1:]))


def _letters(name: str) -> str:
    return _FORBIDDEN.sub("", name).replace("_", "").replace("-", "").lower()


def shorten(name: str) -> str:
    """The name itself where it is legal, else its beginning and a hash of the whole."""
    if len(name) <= MAX_LENGTH and not _FORBIDDEN.search(name):
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    return _FORBIDDEN.sub("_", name)[: MAX_LENGTH - _HASH_LENGTH - 1] + "_" + digest
