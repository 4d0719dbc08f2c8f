"""Models and providers of models.dev, made up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edgeway.catalogue import source


@dataclass
class Cost:
    input: float
    output: float
    min_context: int = 0
    reasoning: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None


@dataclass
class Limits:
    context: int = 128_000
    output: int = 16_000
    input: int | None = None


@dataclass
class Modalities:
    input: Sequence[str] = ("text",)
    output: Sequence[str] = ("text",)


@dataclass
class Config:
    npm: str | None = None
    api_shape: str | None = None


@dataclass
class Model:
    provider_id: str
    id: str
    name: str = "A model"
    family: str | None = None
    capabilities: Iterable[str] = frozenset({"tool_call"})
    modalities: source.Modalities = field(default_factory=Modalities)
    open_weights: bool = False
    limits: source.Limits = field(default_factory=Limits)
    interleaved_field: str | None = None
    cost: Sequence[source.Cost] | None = None
    status: str | None = None
    provider_config: source.ModelProviderConfig | None = None


@dataclass
class Provider:
    id: str
    name: str = "A provider"
    env: Sequence[str] = ()
    npm: str = "@ai-sdk/openai-compatible"
    api: str | None = "https://api.example/v1"
