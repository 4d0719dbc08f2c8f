"""The catalogue: what every model of models.dev can take and costs, looked up in a sorted file without loading it.

One line per model that a provider serves, its columns (`COLUMNS`) separated by tabs, in the order of their first three:
the stem of the id, the provider, the id. Whoever serves a model thus stands side by side under its stem, whatever the
spelling, and both questions (what does this provider say of this id, who serves this id) are one binary search in
the memory-mapped file. `make catalogue` writes it.
"""

import mmap
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Literal, Self, cast

from gateway.routing.model_rules import Dialect

DATA = Path(__file__).parents[1] / "data" / "catalogue.tsv"

COLUMNS = (
    "stem",
    "provider",
    "id",
    "name",
    "family",
    "released",
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "prices",
    "capabilities",
    "reasoning_field",
    "status",
    "dialect",
)

Capability = Literal[
    "reasoning", "tools", "attachment", "images", "pdf", "temperature", "structured_output", "open_weights"
]
CAPABILITIES: dict[str, Capability] = {
    "r": "reasoning",
    "t": "tools",
    "a": "attachment",
    "i": "images",
    "p": "pdf",
    "T": "temperature",
    "s": "structured_output",
    "w": "open_weights",
}
"""The letters of the capabilities column."""
ALL_THAT_TRAITS_ALLOW = frozenset(CAPABILITIES.values()) - {"open_weights"}
"""What a model is thought able to do that nobody has written down anywhere."""

_DATE = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d|latest)$")


@dataclass(frozen=True, slots=True)
class Prices:
    """Integer micro-dollars per million tokens, for requests of more than `above` input tokens.

    None: not priced apart.
    """

    input: int
    output: int
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    """Of output tokens in an answer that reasons, where that differs from `output`."""
    above: int = 0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What models.dev knows of one model at one provider. None and "": it does not say."""

    provider: str
    id: str
    """The provider's own spelling, to be sent upstream."""
    name: str
    family: str
    released: str
    """ISO date, known only where the id carries one."""
    context_window: int | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    prices: tuple[Prices, ...]
    """By rising `above`; empty: unpriced."""
    capabilities: frozenset[Capability]
    reasoning_field: str | None
    """The field in which the model wants its reasoning back on assistant turns."""
    status: str | None
    """alpha, beta, deprecated, or None for a model in ordinary service."""
    dialect: Dialect | None
    """The dialect that the provider prefers for this model, where it is not the provider's own."""
    settled_dialect: Dialect | None = None
    """The only one, where the operator has written it."""


def unknown_model(provider: str, model_id: str) -> ModelFacts:
    """A model of which nothing is known but who serves it."""
    return ModelFacts(
        provider=provider,
        id=model_id,
        name=model_id,
        family="",
        released="",
        context_window=None,
        max_input_tokens=None,
        max_output_tokens=None,
        prices=(),
        capabilities=ALL_THAT_TRAITS_ALLOW,
        reasoning_field=None,
        status=None,
        dialect=None,
    )


@dataclass(frozen=True, slots=True)
class Header:
    """Where the data come from."""

    source: str
    """The package and its version."""
    date: str
    """ISO date of the data."""


def stem(model_id: str) -> str:
    """What an id has in common with the same model's ids elsewhere: no vendor path, date, case or dots.

    >>> stem("anthropic/claude-haiku-4.5"), stem("claude-haiku-4-5-20251001")
    ('claude-haiku-4-5', 'claude-haiku-4-5')
    """
    return _DATE.sub("", model_id.rpartition("/")[2].lower()).replace(".", "-")


class Catalogue:
    """The lines of one catalogue file, under the models of the operator's. Reads are thread-safe, and keep nothing."""

    def __init__(self, lines: mmap.mmap | bytes, own: Iterable[ModelFacts] = ()) -> None:
        self._lines = lines
        self._own = {(facts.provider, facts.id): facts for facts in own}
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

    def with_models(self, models: Iterable[ModelFacts]) -> Self:
        """The same catalogue with these models, which stand over those of the same provider and id."""
        return type(self)(self._lines, models)

    def model(self, provider: str, model_id: str) -> ModelFacts | None:
        """What `provider` serves under exactly this id."""
        if own := self._own.get((provider, model_id)):
            return own
        key = f"{stem(model_id)}\t{provider}\t{model_id}\t"
        line, _ = self._line(self._seek(key))
        return _facts(line) if line.startswith(key) else None

    def serving(self, model_id: str, providers: Container[str] | None = None) -> tuple[ModelFacts, ...]:
        """The spellings and dates of this model at `providers` (None: at all), sorted by provider and id."""
        group = self._group(model_id)
        found = (_facts(line) for provider, line in group if providers is None or provider in providers)
        own = (facts for facts in self._own_like(model_id) if providers is None or facts.provider in providers)
        return self._over(found, own)

    def providers_of(self, model_id: str) -> tuple[str, ...]:
        """The providers that serve this model under any spelling."""
        own = {facts.provider for facts in self._own_like(model_id)}
        return tuple(sorted(own.union(provider for provider, _ in self._group(model_id))))

    def search(self, text: str = "", providers: Container[str] | None = None) -> tuple[ModelFacts, ...]:
        """Models at `providers` (None: at all) whose `provider/id` or name has all the words of `text`.

        It reads the whole file.
        """
        words = text.lower().split()

        def matches(provider: str, model_id: str, name: str) -> bool:
            return (providers is None or provider in providers) and _has_all(words, provider, model_id, name)

        found = []
        for line in self._from(self._first):
            _, provider, model_id, name, _ = line.split("\t", 4)
            if matches(provider, model_id, name):
                found.append(_facts(line))
        return self._over(found, (own for own in self._own.values() if matches(own.provider, own.id, own.name)))

    def suggest(self, model_id: str, limit: int = 3) -> tuple[str, ...]:
        """Ids that resemble `model_id`, best first, for an answer that must say no; reads the whole file."""
        from difflib import get_close_matches  # only a 404 needs it

        spellings: dict[str, Counter[str]] = {}
        for line in self._from(self._first):
            name, _, spelling, _ = line.split("\t", 3)
            spellings.setdefault(name, Counter())[spelling.rpartition("/")[2]] += 1
        for _, model in self._own:
            spellings.setdefault(stem(model), Counter())[model] += 1
        similar = get_close_matches(stem(model_id), spellings, limit, cutoff=0.7)
        return tuple(spellings[name].most_common(1)[0][0] for name in similar)

    def _own_like(self, model_id: str) -> Iterator[ModelFacts]:
        """The operator's models of the id's stem."""
        return (facts for facts in self._own.values() if stem(facts.id) == stem(model_id))

    def _over(self, found: Iterable[ModelFacts], own: Iterable[ModelFacts]) -> tuple[ModelFacts, ...]:
        """What the file holds, with the operator's own in its place, in the file's order."""
        if not self._own:
            return tuple(found)
        others = (facts for facts in found if (facts.provider, facts.id) not in self._own)
        return tuple(sorted((*others, *own), key=lambda facts: (stem(facts.id), facts.provider, facts.id)))

    def _group(self, model_id: str) -> Iterator[tuple[str, str]]:
        """The lines of the id's stem, with their providers."""
        prefix = f"{stem(model_id)}\t"
        for line in takewhile(lambda line: line.startswith(prefix), self._from(self._seek(prefix))):
            yield line.split("\t", 2)[1], line

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


def _facts(line: str) -> ModelFacts:
    """Read one line, which `edgeway.catalogue.lines` has written."""
    _, provider, model_id, name, family, released, *rest = line.split("\t")
    context, max_input, max_output, prices, capabilities, reasoning_field, status, dialect = rest
    return ModelFacts(
        provider=provider,
        id=model_id,
        name=name or model_id,
        family=family,
        released=released,
        context_window=_number(context),
        max_input_tokens=_number(max_input),
        max_output_tokens=_number(max_output),
        prices=tuple(_prices(tier) for tier in prices.split(";") if tier),
        capabilities=frozenset(CAPABILITIES[letter] for letter in capabilities),
        reasoning_field=reasoning_field or None,
        status=status or None,
        dialect=cast("Dialect", dialect) if dialect else None,
    )


def _number(column: str) -> int | None:
    return int(column) if column else None


def _prices(tier: str) -> Prices:
    """Read `above:input,output,cache read,cache write,reasoning`; what is not priced apart is empty."""
    above, _, amounts = tier.partition(":")
    price_in, price_out, *apart = amounts.split(",")
    cache_read, cache_write, reasoning = map(_number, apart)
    return Prices(int(price_in), int(price_out), cache_read, cache_write, reasoning, int(above))
