"""Finds which models can answer, from what is configured and what runs on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from gateway.routing.addresses import below, is_private
from gateway.routing.configuration import Configuration
from gateway.routing.directory import configuration_of
from gateway.routing.model_facts import ModelFacts
from gateway.routing.provider_table import Tier
from gateway.routing.providers import ConfiguredProvider, configured_providers
from gateway.routing.resolve import Candidate, RoutingError, resolve
from gateway.routing.served_models import ServedModel, Serving, with_servings
from gateway.settings import read_settings

from edgeway.clients import Gateway
from edgeway.local.built_in import DEMO
from edgeway.local_models import (
    DEFAULT_MODEL,
    FoundServer,
    Probe,
    ask,
    find_servers,
    found_environment,
    listed_models,
)
from edgeway.model_lists import Entry

TIERS: Final[tuple[Tier, ...]] = ("opus", "sonnet", "haiku")


@dataclass(frozen=True, slots=True)
class Models:
    """The names that clients are given."""

    tiers: Mapping[Tier, str]
    """What stands for opus, sonnet and haiku."""
    context_window: int | None = None
    """Tokens of input that the first of them takes; None where nobody says."""

    @property
    def main(self) -> str:
        """What a client asks for if it is told one name only."""
        return self.tiers["opus"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the functions are given, and what comes of it."""

    environment: Mapping[str, str]
    configured: Mapping[str, ConfiguredProvider]
    """By the provider's id, in order of preference."""
    listed: Mapping[str, tuple[str, ...]]
    """By the provider's id: the models that a server of the operator's own says it has."""
    models: Models | None
    """None: nobody can say which model there is to ask for."""
    aliases: tuple[str, ...] = ()
    """The operator's own names for models."""

    def gateway(self, url: str, key: str) -> Gateway | None:
        """What clients have to know to ask for it at this address; None where nobody can say which model answers."""
        if self.models is None:
            return None
        tiers, window = self.models.tiers, self.models.context_window
        judges = DEMO not in self.configured
        return Gateway(
            url, key, self.models.main, tiers["opus"], tiers["sonnet"], tiers["haiku"], window, judges=judges
        )


def make_offer(environment: Mapping[str, str], probe: Probe = ask) -> Offer:
    """Look at what is configured, and for what is not.

    Raises `DocumentError` for a mistake in edgeway.toml, ValueError for a variable that holds no address.
    """
    found = find_servers(environment, probe)
    complete = {**environment, **found_environment(found, environment)}
    configuration = configuration_of(read_settings(complete))
    configured = configured_providers(complete, configuration.providers)
    listed = {server.provider.id: server.models for server in found} | _ask_own_servers(configured, found, probe)
    catalogue = with_servings(configuration.catalogue, configured, _servings(configured, listed))
    models = _Choice(replace(configuration, catalogue=catalogue), configured, listed).models()
    if models is not None and configuration.default_model is None and set(models.tiers.values()) == {models.main}:
        # One model for all: no tiers of a provider lead to it, so Claude's own names have to.
        complete[DEFAULT_MODEL] = models.main
    ids = {name: tuple(entry.id for entry in entries) for name, entries in listed.items()}
    return Offer(complete, configured, ids, models, tuple(configuration.aliases))


def _ask_own_servers(
    configured: Mapping[str, ConfiguredProvider], found: tuple[FoundServer, ...], probe: Probe
) -> dict[str, tuple[Entry, ...]]:
    """The models of the servers whose address the operator has written, as far as they tell without a key."""
    known = {server.provider.id for server in found}
    own = [each for each in configured.values() if each.id not in known and is_own_server(each)]
    answers = {each.id: listed_models(probe(below(each.base_url, "/models"))) for each in own}
    return {name: models for name, models in answers.items() if models}


def _servings(
    configured: Mapping[str, ConfiguredProvider], listed: Mapping[str, tuple[Entry, ...]]
) -> dict[str, Serving]:
    """The lists for the catalogue; since when there is a model does not matter here."""
    return {
        name: Serving(
            configured[name].base_url, tuple(ServedModel(entry.id, entry.context_window, "") for entry in entries)
        )
        for name, entries in listed.items()
    }


def is_own_server(provider: ConfiguredProvider) -> bool:
    """Whether it is asked on this machine or in a private network, in the clear."""
    parts = urlsplit(provider.base_url)
    return parts.scheme == "http" and is_private(parts.hostname or "")


@dataclass(frozen=True, slots=True)
class _Choice:
    configuration: Configuration
    configured: Mapping[str, ConfiguredProvider]
    listed: Mapping[str, tuple[Entry, ...]]

    def models(self) -> Models | None:
        """The operator's default model, or what the first provider has that is sure to answer."""
        default = self.configuration.default_model
        if default is not None and (candidate := self._candidate(default)) is not None:
            return _one_for_all(default, candidate.facts)
        for provider in self.configured.values():
            models = self._of(provider)
            if models is not None:
                return models
        return None

    def _of(self, provider: ConfiguredProvider) -> Models | None:
        listed = self.listed.get(provider.id)
        tiers = provider.provider.tiers
        if (
            tiers is not None
            and not provider.provider.local
            and (listed is None or set(tiers.values()) <= {entry.id for entry in listed})
        ):
            names = {tier: self._name(provider, tiers[tier]) for tier in TIERS}
            main = self._candidate(names["opus"])
            return Models(names, _window(main.facts if main else None))
        conversing = FoundServer(provider.provider, listed or ()).conversing
        if not conversing:
            return None
        candidate = self._candidate(conversing[0])
        return _one_for_all(conversing[0], candidate.facts if candidate else None)

    def _name(self, provider: ConfiguredProvider, model: str) -> str:
        """The model's own name where that leads to this provider, else the long one."""
        long = f"{provider.id}/{model}"
        candidate, wanted = self._candidate(model), self._candidate(long)
        is_clear = candidate is not None and wanted is not None and candidate.name == wanted.name
        return model if is_clear else long

    def _candidate(self, name: str) -> Candidate | None:
        try:
            return resolve(name, self.configuration, self.configured)[0]
        except RoutingError:
            return None


def _one_for_all(name: str, facts: ModelFacts | None) -> Models:
    return Models(dict.fromkeys(TIERS, name), _window(facts))


def _window(facts: ModelFacts | None) -> int | None:
    return None if facts is None else facts.max_input_tokens or facts.context_window


def with_window(offer: Offer, tokens: int) -> Offer:
    """The offer where the context window of its model is known from elsewhere than the catalogue."""
    return offer if offer.models is None else replace(offer, models=replace(offer.models, context_window=tokens))
