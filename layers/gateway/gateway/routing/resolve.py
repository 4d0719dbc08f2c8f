"""Finds the candidates for the model that a caller names, in order. Pure.

The rules in their order: an alias stands for what it names; `provider/model` goes to that provider, known or not; an
id goes to whoever serves it, its maker first; a claude id that nobody serves goes to the operator's default model or to
a provider's own tiers; what is left goes to the model server on this machine, if there is just one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from translator.traits import Traits

from gateway.routing.bedrock_ids import guessed
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration
from gateway.routing.model_facts import ModelFacts, Prices, stem
from gateway.routing.model_rules import Dialect
from gateway.routing.model_traits import model_dialects, model_traits
from gateway.routing.provider_table import Tier
from gateway.routing.providers import ConfiguredProvider, Provider

_LONG_CONTEXT = re.compile(r"\[1m\]$", re.IGNORECASE)
"""Claude Code marks a choice of the large window so."""

PICKED = ("anthropic", "claude")
"""What the ids begin with that Claude Code's picker takes."""
LISTED_FOR_THE_PICKER = "anthropic/"
"""Before the ids of the others."""

_TIERS: Mapping[str, Tier] = {"opus": "opus", "fable": "opus", "mythos": "opus", "haiku": "haiku"}
"""By the word in a claude id; all others are of sonnet's."""

LONGEST_ID = 256
"""Characters; the official API's limit."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model at one provider that can answer."""

    provider: ConfiguredProvider
    model: str
    """The id to send upstream."""
    facts: ModelFacts | None
    """None: the catalogue does not know the model, so it has no prices."""
    traits: Traits
    dialects: tuple[Dialect, ...]
    """In which it can be asked at `base_url`, the one that suits it best first."""
    one_tenant: bool = False
    """Whether a key may ask for what another has left in the account there."""

    @property
    def name(self) -> str:
        """As callers may name it: `provider/model`."""
        return f"{self.provider.id}/{self.model}"

    @property
    def base_url(self) -> str:
        """What stands before the dialect's path."""
        return self.provider.base_url

    @property
    def prices(self) -> tuple[Prices, ...]:
        """By rising number of input tokens; empty: unpriced."""
        return self.facts.prices if self.facts else ()


class RoutingError(Exception):
    """No candidate. The message is for the caller and says what to do."""


class UnknownModelError(RoutingError):
    """The caller's mistake: nothing is known of the id."""


class NoUsableKeyError(RoutingError):
    """The operator's omission: the model is known, and no provider that serves it is configured."""


def resolve(
    requested_model: str, configuration: Configuration, configured: Mapping[str, ConfiguredProvider]
) -> tuple[Candidate, ...]:
    """The candidates for a model as a caller names it, the best first and never none; raises RoutingError.

    `configured` is in the operator's order of preference. An alias's targets are not themselves looked up as aliases.
    """
    asked = requested_model.strip()
    if not asked or not asked.isprintable() or len(asked) > LONGEST_ID:
        raise UnknownModelError(f"model: a model's name has 1 to {LONGEST_ID} printable characters")
    plain = _LONG_CONTEXT.sub("", asked)
    targets = next(filter(None, map(configuration.aliases.get, _as_alias(asked, plain))), None)
    routes = _Routes(configuration, configured)
    return routes.candidates(plain) if targets is None else routes.of_alias(plain, targets)


@dataclass(frozen=True, slots=True)
class _Routes:
    configuration: Configuration
    configured: Mapping[str, ConfiguredProvider]

    @property
    def catalogue(self) -> Catalogue:
        return self.configuration.catalogue

    @property
    def known(self) -> Mapping[str, Provider]:
        return self.configuration.providers

    def of_alias(self, alias: str, targets: Sequence[str]) -> tuple[Candidate, ...]:
        """A candidate for each target whose provider is configured: what the operator names is not routed elsewhere."""
        found: dict[str, Candidate] = {}
        for target in targets:
            head, _, model = _LONG_CONTEXT.sub("", target).partition("/")
            named = self._called(head)
            if named is not None and named.id in self.configured:
                candidate = self._candidate_at(self.configured[named.id], model)
                found[candidate.name] = candidate
        if not found:
            refusal = self._refusal(targets[0], self._called(targets[0].partition("/")[0]))
            raise NoUsableKeyError(f"model: {alias}. It stands for another; {refusal}")
        return tuple(found.values())

    def candidates(self, model: str) -> tuple[Candidate, ...]:
        head, _, rest = model.partition("/")
        named = self._called(head) if rest else None
        found = (
            self._listed_for_the_picker(named, rest)
            or self._at(named, model, rest)
            or self._serving(model, exactly=not (named is None or _makes_claude(named)))
            or self._in_place_of_claude(model, named)
            or self._local_server(model, named)
            or self._at_its_maker(model, named)
        )
        if not found:
            raise self._refusal(model, named)
        return found

    def _called(self, name: str) -> Provider | None:
        lowered = name.lower()
        everyone = (*(each.provider for each in self.configured.values()), *self.known.values())
        return next((each for each in everyone if lowered == each.id or lowered in each.names), None)

    def _listed_for_the_picker(self, named: Provider | None, rest: str) -> tuple[Candidate, ...]:
        """Claude Code's picker takes ids of claude and anthropic only: others are listed as `anthropic/openai/o3`."""
        is_elsewhere = "/" in rest and self._called(rest.partition("/")[0]) is not None
        if named is None or not _makes_claude(named) or (_is_claude(rest) and not is_elsewhere):
            return ()
        try:
            return self.candidates(rest)
        except UnknownModelError:
            if named.id in self.configured:
                return ()
            raise

    def _at(self, named: Provider | None, model: str, rest: str) -> tuple[Candidate, ...]:
        """`provider/model`, whatever the model; an id that is somebody's whole path goes there first."""
        owners = (each for each in self.configured.values() if model.startswith(each.provider.paths))
        if owner := next(owners, None):
            return (self._candidate_at(owner, model),)
        provider = self.configured.get(named.id) if named is not None else None
        if provider is None:
            return ()
        candidate = self._candidate_at(provider, rest)
        elsewhere = self._serving(model, exactly=True) if candidate.facts is None else ()
        return (*elsewhere, candidate)

    def _serving(self, model: str, *, exactly: bool) -> tuple[Candidate, ...]:
        """Whoever serves the model, its maker before the others, then in the operator's order."""
        closest = self._closest(model)
        serving = [each for each in self.configured.values() if each.id in closest]
        serving.sort(key=lambda each: not stem(model).startswith(each.provider.makes))
        candidates = (self._candidate(each, model, closest[each.id]) for each in serving)
        return tuple(each for each in candidates if not exactly or each.model.lower() == model.lower())

    def _in_place_of_claude(self, model: str, named: Provider | None) -> tuple[Candidate, ...]:
        """For a claude id that the catalogue knows nowhere: its maker may, then the default model or a tier."""
        if not _is_claude(model) or not (named is None or _makes_claude(named)):
            return ()
        bare = model.rpartition("/")[2]
        makers = (each for each in self.configured.values() if _makes_claude(each.provider))
        unheard_of = (self._candidate(each, bare, None) for each in makers)
        by_name = {candidate.name: candidate for candidate in (*unheard_of, *self._default_route(bare))}
        return tuple(by_name.values())

    def _default_route(self, claude: str) -> tuple[Candidate, ...]:
        default_model = self.configuration.default_model
        if default_model:
            others = replace(self.configuration, default_model=None)
            try:
                return replace(self, configuration=others).candidates(default_model)
            except RoutingError as error:
                raise NoUsableKeyError(f"model: {claude}. The default model stands for it; {error}") from error
        tier: Tier = next((_TIERS[word] for word in stem(claude).split("-") if word in _TIERS), "sonnet")
        for each in self.configured.values():
            if each.provider.tiers is not None and not each.provider.local:
                substitute = each.provider.tiers[tier]
                return (self._candidate_at(each, substitute),)
        return ()

    def _at_its_maker(self, model: str, named: Provider | None) -> tuple[Candidate, ...]:
        """The maker, for a model that the catalogue knows only at others, to whom the operator has no key."""
        if named is not None or not self.catalogue.providers_of(model):
            return ()
        makers = (each for each in self.configured.values() if stem(model).startswith(each.provider.makes))
        return tuple(self._candidate(each, model, None) for each in makers)

    def _local_server(self, model: str, named: Provider | None) -> tuple[Candidate, ...]:
        """The one server on this machine, for a model that nobody offers or that anybody may run.

        Such servers go by the paths of model hubs, where `Qwen/` and `google/` are makers and no providers.
        """
        servers = [each for each in self.configured.values() if each.provider.local]
        if len(servers) != 1 or (named is not None and (not named.makes or _makes_claude(named))):
            return ()
        offered = self.catalogue.serving(model)
        if offered and not _is_claude(model) and all("open_weights" not in each.capabilities for each in offered):
            return ()
        return (self._candidate(servers[0], model, None),)

    def _closest(self, model: str) -> dict[str, ModelFacts]:
        """By configured provider, of what it serves, what comes closest to the id."""
        ranked = sorted(self.catalogue.serving(model, self.configured), key=lambda facts: _closeness(facts, model))
        return {facts.provider: facts for facts in ranked}

    def _candidate_at(self, provider: ConfiguredProvider, model: str) -> Candidate:
        """The model there, in its own spelling where the catalogue knows it."""
        return self._candidate(provider, model, self._closest(model).get(provider.id))

    def _candidate(self, provider: ConfiguredProvider, model: str, facts: ModelFacts | None) -> Candidate:
        upstream_model = guessed(model, provider.provider.ids, provider.profiles) if facts is None else facts.id
        traits = model_traits(provider.provider, upstream_model, facts)
        return Candidate(
            provider=provider,
            model=upstream_model,
            facts=facts,
            traits=replace(traits, reasoning_scope=_scope(provider)),
            dialects=model_dialects(provider.provider, upstream_model, facts, is_own=provider.is_own),
            one_tenant=self.configuration.one_tenant,
        )

    def _refusal(self, model: str, named: Provider | None) -> RoutingError:
        if named is not None:
            needed = named.how_to_configure(self.configuration.keys_below)
            return NoUsableKeyError(f"model: {model}. {named.name} is not configured: set {needed}")
        offering = self.catalogue.providers_of(model)
        ways = [each for each in self.known.values() if each.id in offering and each.base_url and not each.local]
        ways.sort(key=lambda each: not stem(model).startswith(each.makes))
        if ways:
            listed = ", or ".join(
                f"{each.how_to_configure(self.configuration.keys_below)} ({each.name})" for each in ways[:3]
            )
            return NoUsableKeyError(f"model: {model}. No provider that serves it is configured: set {listed}")
        return UnknownModelError(f"model: {model}. {self._suggestions(model)}")

    def _suggestions(self, model: str) -> str:
        makers = [each.id for each in self.known.values() if "/" not in model and stem(model).startswith(each.makes)]
        similar = sorted(self.catalogue.suggest(model, 9), key=lambda each: not self._closest(each))
        listed = ", ".join((*(f"{maker}/{model}" for maker in makers[:1]), *similar[:3]))
        any_model = "Any model of a provider can be named as provider/model."
        return f"Did you mean {listed}? {any_model}" if listed else any_model


def _as_alias(asked: str, plain: str) -> Iterator[str]:
    """What the name may be as an alias, also one that is listed for the picker."""
    yield asked
    yield plain
    bare = plain.removeprefix(LISTED_FOR_THE_PICKER)
    if not bare.startswith(PICKED):
        yield bare


def _scope(provider: ConfiguredProvider) -> str:
    """Stands for where encrypted reasoning can be read again: at this provider's address, and nowhere else."""
    return sha256(f"{provider.id} {provider.base_url}".encode()).hexdigest()[:12]


def _is_claude(model: str) -> bool:
    return stem(model).startswith("claude")


def _makes_claude(provider: Provider) -> bool:
    return "claude" in provider.makes


def _closeness(facts: ModelFacts, model: str) -> tuple[bool, bool, bool, int, bool, str, int]:
    """The exact id over the same name under another path, that over an undated id, and that over the newest."""
    asked, has = model.lower(), facts.id.lower()
    same_name = asked.rpartition("/")[2] == has.rpartition("/")[2]
    is_undated = not facts.released
    return facts.id == model, asked == has, same_name, facts.preference, is_undated, facts.released, -len(facts.id)
