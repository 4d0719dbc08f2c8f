"""Turns the data of models.dev into the lines of the two data files. Pure."""

import re
from collections.abc import Container, Iterable, Sequence

from gateway.routing.model_facts import CAPABILITIES, stem

from edgeway.catalogue.source import Cost, Model, Provider
from edgeway.catalogue.tiers import tiers

_DATED = re.compile(r"(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
_KEY = re.compile(r"(?:KEY|TOKEN|PAT)$")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_OF_ANOTHER_API = re.compile(r"embed|rerank|realtime|transcribe|gpt-image|\blive\b", re.IGNORECASE)
"""In the id or family of a model that takes text and gives text, though not as a conversation over HTTP."""

DIALECTS = {
    "@ai-sdk/anthropic": "anthropic",
    "@ai-sdk/google-vertex/anthropic": "anthropic",
    "@ai-sdk/amazon-bedrock/mantle": "responses",
    "@ai-sdk/openai": "responses",
    "@ai-sdk/openai-compatible": "chat",
}
"""The dialect that a client package of models.dev's `npm` field speaks, where we know it."""

SHARED_BY_OTHER_TOOLS = frozenset({"GITHUB_TOKEN", "GITLAB_TOKEN"})
"""Set on many machines for other purposes, so having one is no wish to send prompts to its owner."""


def conversing(models: Iterable[Model]) -> list[Model]:
    """The models that answer text with text."""
    return [model for model in models if _converses(model)]


def model_lines(models: Iterable[Model], silent: Container[tuple[str, str]] = ()) -> list[str]:
    """One line per model, sorted as the reader's binary search compares: by bytes.

    `silent`: the models, by provider and id, of which models.dev does not say whether they take a temperature. It is
    assumed that they do: most models do, and one that a caller's temperature is kept from gives no sign of it.
    """
    lines = (_model_line(model, sampled=(model.provider_id, model.id) in silent) for model in models)
    return sorted(lines, key=str.encode)


def provider_lines(providers: Sequence[Provider], models: Iterable[Model]) -> list[str]:
    """One line per provider: id, name, base URL, the variables of its key, dialect, and its three tiers.

    Where several providers name the same variable (plans and regions of one firm), it is the one's with the shortest
    id; each of the others still has a variable of its own, made of its id.
    """
    owners: dict[str, str] = {}
    for provider in sorted(providers, key=lambda provider: (len(provider.id), provider.id)):
        for variable in provider.env:
            owners.setdefault(variable, provider.id)
    own: dict[str, list[Model]] = {provider.id: [] for provider in providers}
    for model in models:
        own[model.provider_id].append(model)
    return sorted((_provider_line(provider, owners, tiers(own[provider.id])) for provider in providers), key=str.encode)


def _converses(model: Model) -> bool:
    speaks = "text" in model.modalities.input and "text" in model.modalities.output
    return speaks and not _OF_ANOTHER_API.search(f"{model.id} {model.family or ''}")


def _model_line(model: Model, *, sampled: bool) -> str:
    config = model.provider_config
    columns = (
        stem(model.id),
        model.provider_id,
        model.id,
        "" if model.name == model.id else " ".join(model.name.split()),
        model.family or "",
        _released(model.id),
        _tokens(model.limits.context),
        _tokens(model.limits.input),
        _tokens(model.limits.output),
        ";".join(_tier(cost) for cost in model.cost or ()),
        _capabilities(model, sampled=sampled),
        model.interleaved_field or "",
        model.status or "",
        _dialect(config.npm, config.api_shape) if config else "",
    )
    return "\t".join(columns)


def _released(model_id: str) -> str:
    dated = _DATED.search(model_id)
    return "-".join(dated.groups()) if dated else ""


def _tokens(count: int | None) -> str:
    return str(count) if count else ""


def _tier(cost: Cost) -> str:
    reasoning = None if cost.reasoning == cost.output else cost.reasoning
    apart = (cost.cache_read, cost.cache_write, reasoning)
    amounts = (_micros(cost.input), _micros(cost.output), *("" if price is None else _micros(price) for price in apart))
    return f"{cost.min_context}:{','.join(amounts)}"


def _micros(dollars: float) -> str:
    return str(round(dollars * 1_000_000))


def _capabilities(model: Model, *, sampled: bool) -> str:
    has = {
        "reasoning": "reasoning" in model.capabilities,
        "tools": "tool_call" in model.capabilities,
        "attachment": "attachment" in model.capabilities,
        "images": "image" in model.modalities.input,
        "pdf": "pdf" in model.modalities.input,
        "temperature": sampled or "temperature" in model.capabilities,
        "structured_output": "structured_output" in model.capabilities,
        "open_weights": model.open_weights,
    }
    return "".join(letter for letter, capability in CAPABILITIES.items() if has[capability])


def _dialect(npm: str | None, api_shape: str | None) -> str:
    if api_shape:
        return {"responses": "responses", "completions": "chat"}[api_shape]
    return DIALECTS.get(npm or "", "")


def _provider_line(provider: Provider, owners: dict[str, str], ids: tuple[str, str, str]) -> str:
    base_url = (provider.api or "").removesuffix("/").removesuffix("/chat/completions")
    in_url = _VARIABLE.findall(base_url)
    keys = (
        variable
        for variable in provider.env
        if _KEY.search(variable) and variable not in in_url and owners[variable] == provider.id
    )
    columns = (
        provider.id,
        provider.name,
        base_url,
        " ".join(variable for variable in keys if variable not in SHARED_BY_OTHER_TOOLS),
        DIALECTS.get(provider.npm, "chat"),
        *ids,
    )
    return "\t".join(columns)
