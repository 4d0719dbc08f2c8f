"""Reads the file in which whoever asks the operator's servers keeps what they serve.

`edgeway local` and `edgeway serve` ask them (edgeway/served_models.py). On AWS there is no such file: nobody is asked.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gateway.routing.bedrock_ids import needs_profile, parse, rank
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import ModelFacts, stem, unknown_model
from gateway.routing.providers import ConfiguredProvider


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model of a server's list."""

    id: str
    context_window: int | None
    """None: the server does not say."""
    since: str
    """ISO date: since when there is the model, as far as the server says, or when it was first seen."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The list of the server at an address."""

    base_url: str
    models: tuple[ServedModel, ...]


Servings = Mapping[str, Serving]
"""By the provider's id."""


def write_servings(path: Path, servings: Servings) -> None:
    """Put them into the file, so that no reader sees half of them."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({name: asdict(serving) for name, serving in servings.items()}), encoding="ascii")
    unfinished.replace(path)


class ServingsFile:
    """Reads it. None: there is none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._version: tuple[int, int] | None = None
        self._servings: Servings = {}

    def read(self) -> Servings:
        """What it says now; the same object for as long as the file is the same."""
        if self._path is None:
            return self._servings
        with suppress(OSError):  # nobody has answered yet, or the server is going down
            found = self._path.stat()
            version = (found.st_ino, found.st_mtime_ns)
            if version != self._version:
                self._servings = _servings(self._path)
                self._version = version
        return self._servings


def _servings(path: Path) -> Servings:
    return {
        name: Serving(serving["base_url"], tuple(ServedModel(**model) for model in serving["models"]))
        for name, serving in json.loads(path.read_bytes()).items()
    }


def tells_its_models(provider: ConfiguredProvider) -> bool:
    """Whether it lists what the operator's account may use, and is asked by a key: who makes Claude."""
    return "claude" in provider.provider.makes and provider.signing is None


def with_servings(catalogue: Catalogue, configured: Mapping[str, ConfiguredProvider], servings: Servings) -> Catalogue:
    """The catalogue with what is served at the addresses that are configured now, under what edgeway.toml says."""
    served = {
        name: serving.models
        for name, serving in servings.items()
        if name in configured and configured[name].base_url == serving.base_url
    }
    ids = {name: [model.id for model in models] for name, models in served.items()}
    lists = _regional_models(catalogue, configured, ids)
    models = [_facts(catalogue, name, model) for name, found in served.items() if name not in lists for model in found]
    return catalogue.with_models((*catalogue.own, *models), lists) if models or lists else catalogue


def _facts(catalogue: Catalogue, provider: str, model: ServedModel) -> ModelFacts:
    known = catalogue.model(provider, model.id)
    if known is None:
        return replace(unknown_model(provider, model.id), context_window=model.context_window, released=model.since)
    if model.context_window is None or (catalogue.is_own(known) and known.context_window is not None):
        return known
    return replace(known, context_window=model.context_window, max_input_tokens=None)


def _regional_models(
    catalogue: Catalogue, configured: Mapping[str, ConfiguredProvider], lists: Mapping[str, Collection[str]]
) -> dict[str, list[ModelFacts]]:
    """By the provider's id: all its models, for those providers whose lines in the catalogue are not simply theirs.

    `lists` holds the ids that the operator's account may use. Without a list the catalogue's lines are taken: those of
    the Region's inference profiles, and of what needs none. With one, the catalogue only tells what the models can
    take and cost.
    """
    return {
        each.id: _models(each, catalogue.of_provider(each.provider.lists_models_of or each.id), lists.get(each.id))
        for each in configured.values()
        if each.provider.ids or each.provider.lists_models_of or (each.id in lists and _is_of_account(each))
    }


def _is_of_account(provider: ConfiguredProvider) -> bool:
    return tells_its_models(provider) and not provider.is_own


def _models(provider: ConfiguredProvider, lines: list[ModelFacts], listed: Collection[str] | None) -> list[ModelFacts]:
    found: Iterable[ModelFacts] = lines
    if provider.provider.ids == "runtime":
        found = _of_runtime(provider, lines, listed)
    elif provider.provider.ids == "mantle":
        found = _of_mantle(lines)
    elif listed and _is_of_account(provider):
        found = _of_account(provider, lines, listed)
    return [replace(facts, provider=provider.id) for facts in found]


def _of_runtime(
    provider: ConfiguredProvider, lines: list[ModelFacts], listed: Collection[str] | None
) -> Iterable[ModelFacts]:
    known = {facts.id: facts for facts in lines}
    alike = {stem(facts.id): facts for facts in lines}
    if listed is None:
        versioned = {stem(facts.id) for facts in lines if (parts := parse(facts.id)) and parts.version}
        listed = [name for name in known if not needs_profile(name) and not _is_of_mantle(name, versioned)]
    for name in listed:
        preference = rank(name, provider.profiles)
        if preference is not None:
            facts = known.get(name) or alike.get(stem(name)) or unknown_model(provider.id, name)
            yield replace(facts, id=name, preference=preference)


def _of_account(provider: ConfiguredProvider, lines: list[ModelFacts], listed: Collection[str]) -> Iterable[ModelFacts]:
    """What is listed, and the other ids of the same models that the catalogue has: the list knows one of each."""
    stems, known = {stem(name) for name in listed}, {facts.id for facts in lines}
    alike = {stem(facts.id): facts for facts in lines}
    yield from (facts for facts in lines if stem(facts.id) in stems)
    for name in (each for each in listed if each not in known):
        yield replace(alike.get(stem(name)) or unknown_model(provider.id, name), id=name)


def _is_of_mantle(model_id: str, versioned: Collection[str]) -> bool:
    """Whether it has no version, and the same model has one: only bedrock-mantle knows it so."""
    parts = parse(model_id)
    return parts is not None and not parts.profile and not parts.version and stem(model_id) in versioned


def _of_mantle(lines: list[ModelFacts]) -> Iterable[ModelFacts]:
    """Claude, and what the catalogue knows of the Responses API, in the endpoint's own spelling."""
    for facts in lines:
        parts = parse(facts.id)
        if parts is None or parts.profile:
            continue
        if parts.vendor == "anthropic" or facts.dialect == "responses":
            yield replace(facts, id=parts.mantle)
