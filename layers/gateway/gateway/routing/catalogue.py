"""Looks up a model's limits and prices in a sorted file, without loading it.

One line per model that a provider serves, its columns (`model_facts.COLUMNS`) separated by tabs, in the order of their
first three: the stem of the id, the provider, the id. Whoever serves a model thus stands side by side under its stem,
whatever the spelling, and both questions (what does this provider say of this id, who serves this id) are one binary
search in the memory-mapped file. `make catalogue` writes it.
"""

import mmap
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Self

from gateway.routing.model_facts import ModelFacts, read_line, stem

DATA = Path(__file__).parents[1] / "data" / "catalogue.tsv"


@dataclass(frozen=True, slots=True)
class Header:
    """Where the data come from."""

    source: str
    """The package and its version."""
    date: str
    """ISO date of the data."""


class Catalogue:
    """The lines of one catalogue file, under the models of the operator's. Reads are thread-safe, and keep nothing.

    `lists` holds all models of the providers of which they are known better than the file knows them.
    """

    def __init__(
        self,
        lines: mmap.mmap | bytes,
        own: Iterable[ModelFacts] = (),
        lists: Mapping[str, Iterable[ModelFacts]] = MappingProxyType({}),
    ) -> None:
        self._lines = lines
        self._own = {(facts.provider, facts.id): facts for facts in own}
        self._listed = frozenset(lists)
        listed = {(facts.provider, facts.id): facts for facts in chain.from_iterable(lists.values())}
        self._over = listed | self._own
        """What stands over the lines of the file."""
        title, self._first = self._line(0)
        _, source, date = title.split("\t")
        self.header = Header(source, date)

    @classmethod
    def open(cls, path: Path = DATA) -> Self:
        """Map the file at `path` into memory; raises OSError if it cannot be read."""
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    @property
    def own(self) -> tuple[ModelFacts, ...]:
        """The models of the operator's."""
        return tuple(self._own.values())

    def is_own(self, facts: ModelFacts) -> bool:
        """Whether it is one of these."""
        return (facts.provider, facts.id) in self._own

    def with_models(
        self, models: Iterable[ModelFacts], lists: Mapping[str, Iterable[ModelFacts]] = MappingProxyType({})
    ) -> Self:
        """The same catalogue with these models, which stand over those of the same provider and id."""
        return type(self)(self._lines, models, lists)

    def model(self, provider: str, model_id: str) -> ModelFacts | None:
        """What `provider` serves under exactly this id."""
        if over := self._over.get((provider, model_id)):
            return over
        key = f"{stem(model_id)}\t{provider}\t{model_id}\t"
        line, _ = self._line(self._seek(key))
        return read_line(line) if line.startswith(key) and provider not in self._listed else None

    def of_provider(self, provider: str) -> list[ModelFacts]:
        """What the file says that this provider serves."""
        wanted, found = f"\t{provider}\t".encode(), []
        offset = self._lines.find(wanted, self._first)
        while offset >= 0:
            line, end = self._line(self._lines.rfind(b"\n", 0, offset) + 1)
            if line.split("\t", 2)[1] == provider:
                found.append(read_line(line))
            offset = self._lines.find(wanted, end)
        return found

    def serving(self, model_id: str, providers: Container[str] | None = None) -> tuple[ModelFacts, ...]:
        """The spellings and dates of this model at `providers` (None: at all), sorted by provider and id."""
        group = self._group(model_id)
        found = (read_line(line) for provider, line in group if providers is None or provider in providers)
        over = (facts for facts in self._over_like(model_id) if providers is None or facts.provider in providers)
        return self._merged(found, over)

    def providers_of(self, model_id: str) -> tuple[str, ...]:
        """The providers that serve this model under any spelling."""
        over = {facts.provider for facts in self._over_like(model_id)}
        return tuple(sorted(over.union(provider for provider, _ in self._group(model_id))))

    def search(self, text: str = "", providers: Container[str] | None = None) -> tuple[ModelFacts, ...]:
        """Models at `providers` (None: at all) whose `provider/id` or name has all the words of `text`.

        It reads the whole file.
        """
        words = text.lower().split()

        def matches(provider: str, model_id: str, name: str) -> bool:
            is_wanted = providers is None or provider in providers
            return is_wanted and _has_all(words, provider, model_id, name)

        found = []
        for line in self._from(self._first):
            _, provider, model_id, name, _ = line.split("\t", 4)
            if provider not in self._listed and matches(provider, model_id, name):
                found.append(read_line(line))
        return self._merged(found, (each for each in self._over.values() if matches(each.provider, each.id, each.name)))

    def suggest(self, model_id: str, limit: int = 3) -> tuple[str, ...]:
        """Ids that resemble `model_id`, best first, for an answer that must say no; reads the whole file."""
        from difflib import get_close_matches  # only a 404 needs it

        spellings: dict[str, Counter[str]] = {}
        for line in self._from(self._first):
            name, _, spelling, _ = line.split("\t", 3)
            spellings.setdefault(name, Counter())[spelling.rpartition("/")[2]] += 1
        for _, model in self._over:
            spellings.setdefault(stem(model), Counter())[model] += 1
        similar = get_close_matches(stem(model_id), spellings, limit, cutoff=0.7)
        return tuple(spellings[name].most_common(1)[0][0] for name in similar)

    def _over_like(self, model_id: str) -> Iterator[ModelFacts]:
        """What stands over the file, of the id's stem."""
        wanted = stem(model_id)
        return (facts for facts in self._over.values() if stem(facts.id) == wanted)

    def _merged(self, found: Iterable[ModelFacts], over: Iterable[ModelFacts]) -> tuple[ModelFacts, ...]:
        """What the file holds, with what stands over it in its place, in the file's order."""
        if not self._over:
            return tuple(found)
        others = (facts for facts in found if (facts.provider, facts.id) not in self._over)
        return tuple(sorted((*others, *over), key=lambda facts: (stem(facts.id), facts.provider, facts.id)))

    def _group(self, model_id: str) -> Iterator[tuple[str, str]]:
        """The lines of the id's stem, with their providers."""
        prefix = f"{stem(model_id)}\t"
        for line in takewhile(lambda line: line.startswith(prefix), self._from(self._seek(prefix))):
            provider = line.split("\t", 2)[1]
            if provider not in self._listed:
                yield provider, line

    def _seek(self, key: str) -> int:
        """The offset of the first line that does not sort before `key`."""
        wanted, low, high = key.encode(), self._first, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            start = max(low, self._lines.rfind(b"\n", low, middle) + 1)
            end = self._lines.find(b"\n", middle)
            if self._lines[start:end] < wanted:
                low = end + 1
            else:
                high = start
        return low

    def _line(self, offset: int) -> tuple[str, int]:
        """The line at `offset`, empty at the end of the file, and the offset of the next."""
        end = self._lines.find(b"\n", offset)
        return self._lines[offset:end].decode(), end + 1

    def _from(self, offset: int) -> Iterator[str]:
        while offset < len(self._lines):
            line, offset = self._line(offset)
            yield line


def _has_all(words: Iterable[str], provider: str, model_id: str, name: str) -> bool:
    haystack = f"{provider}/{model_id} {name}".lower()
    return all(word in haystack for word in words)
