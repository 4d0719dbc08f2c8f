"""The facts of a model at a provider, and the line of the catalogue that holds them. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from gateway.routing import bedrock_ids
from gateway.routing.model_rules import Dialect

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
    cache_write_1h: int | None = None
    """Of what is written into a cache for an hour; None: 8/5 of `cache_write`, as Anthropic prices it."""
    request: int = 0
    """Integer micro-dollars for each request, whatever its tokens."""
    web_search: int = 0
    """Integer micro-dollars for each search that the upstream makes."""

    @property
    def hour_write(self) -> int:
        """The price of what is written into a cache for an hour."""
        if self.cache_write_1h is not None:
            return self.cache_write_1h
        return self.input if self.cache_write is None else self.cache_write * 8 // 5


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
    preference: int = 0
    """Of several ids of one model at the provider the highest is preferred, where none is named."""


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


@lru_cache(maxsize=4096)
def stem(model_id: str) -> str:
    """What an id has in common with the same model's ids elsewhere: no vendor path, date, case or dots.

    >>> stem("anthropic/claude-haiku-4.5"), stem("us.anthropic.claude-haiku-4-5-20251001-v1:0")
    ('claude-haiku-4-5', 'claude-haiku-4-5')
    """
    name = model_id.rpartition("/")[2].lower()
    of_bedrock = bedrock_ids.parse(name)
    return _DATE.sub("", of_bedrock.family if of_bedrock else name).replace(".", "-")


def read_line(line: str) -> ModelFacts:
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
