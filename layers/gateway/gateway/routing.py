"""Which providers to ask for the model that a caller names, in order: pure, over the catalogue and the configured ones.

The rules in their order: an alias stands for what it names; `provider/model` goes to that provider, known or not; an
id goes to whoever serves it, its maker first; a claude id that nobody serves goes to the operator's default model or to
a provider's own tiers; what is left goes to the model server on this machine, if there is just one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from translator.traits import Traits

from gateway.catalogue import Catalogue, ModelFacts, Prices, stem
from gateway.model_traits import model_dialect, model_traits
from gateway.provider_table import Dialect, Tier
from gateway.providers import ConfiguredProvider, Provider, all_providers

_LONG_CONTEXT = re.compile(r"\[1m\]$", re.IGNORECASE)
"""Claude Code marks a choice of the large window so."""

_TIER_WORDS: Mapping[str, Tier] = {"opus": "opus", "fable": "opus", "mythos": "opus", "haiku": "haiku"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model at one provider that can answer."""

    provider: ConfiguredProvider
    model: str
    """The id to send upstream."""
    facts: ModelFacts | None
    """None: the catalogue does not know the model, so it has no prices."""
    traits: Traits
    dialect: Dialect
    """The dialect that suits it best; every candidate speaks chat, except where the model is for Responses only."""

    @property
    def name(self) -> str:
        """As callers may name it: `provider/model`."""
        return f"{self.provider.id}/{self.model}"

    @property
    def base_url(self) -> str:
        """The chat completions endpoint without `/chat/completions`."""
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
    requested_model: str,
    *,
    catalogue: Catalogue,
    configured: Mapping[str, ConfiguredProvider],
    default_model: str | None = None,
    aliases: Mapping[str, str] | None = None,
    providers: Mapping[str, Provider] | None = None,
) -> tuple[Candidate, ...]:
    """The candidates for a model as a caller names it, the best first and never none; raises RoutingError.

    `configured` is in the operator's order of preference. An alias's target is not itself looked up as an alias.
    """
    asked = requested_model.strip()
    plain = _LONG_CONTEXT.sub("", asked)
    given = aliases or {}
    target = given.get(asked) or given.get(plain) or plain
    known = all_providers() if providers is None else providers
    return _Routes(catalogue, configured, known, default_model).candidates(_LONG_CONTEXT.sub("", target))


@dataclass(frozen=True, slots=True)
class _Routes:
    catalogue: Catalogue
    configured: Mapping[str, ConfiguredProvider]
    known: Mapping[str, Provider]
    default_model: str | None

    def candidates(self, model: str) -> tuple[Candidate, ...]:
        head, _, rest = model.partition("/")
        named = self._called(head) if rest else None
        if named is not None and "claude" in named.makes and not stem(rest).startswith("claude"):
            # Claude Code's picker shows no id but claude's and anthropic's, so ours are listed as `anthropic/gpt-5`.
            return self.candidates(rest)
        found = (
            self._at(named, model, rest)
            or self._serving(model, exactly=named is not None)
            or self._in_place_of_claude(model, named)
            or self._local_server(model, named)
        )
        if not found:
            raise self._refusal(model, named)
        return found

    def _called(self, name: str) -> Provider | None:
        lowered = name.lower()
        everyone = {**self.known, **{each.id: each.provider for each in self.configured.values()}}
        return next((each for each in everyone.values() if lowered == each.id or lowered in each.names), None)

    def _at(self, named: Provider | None, model: str, rest: str) -> tuple[Candidate, ...]:
        """`provider/model`, whatever the model; an id that is somebody's whole path goes there first."""
        by_path = (each for each in self.configured.values() if model.startswith(each.provider.paths or ("\n",)))
        if owner := next(by_path, None):
            return (self._candidate(owner, model),)
        if named is None or named.id not in self.configured:
            return ()
        own = self._candidate(self.configured[named.id], rest)
        if own.facts is not None:
            return (own,)
        return (*self._serving(model, exactly=True), own)

    def _serving(self, model: str, *, exactly: bool) -> tuple[Candidate, ...]:
        """Whoever serves the model, its maker before the others, then in the operator's order."""
        serving = {facts.provider for facts in self.catalogue.serving(model)}
        ranked = sorted(
            (each for each in self.configured.values() if each.id in serving),
            key=lambda each: not stem(model).startswith(each.provider.makes or ("\n",)),
        )
        candidates = (self._candidate(each, model) for each in ranked)
        return tuple(each for each in candidates if not exactly or each.model.lower() == model.lower())

    def _in_place_of_claude(self, model: str, named: Provider | None) -> tuple[Candidate, ...]:
        name = stem(model)
        if not name.startswith("claude") or (named is not None and "claude" not in named.makes):
            return ()
        bare = model.rpartition("/")[2]
        makers = (each for each in self.configured.values() if "claude" in each.provider.makes)
        newer_than_the_catalogue = tuple(self._candidate(each, bare) for each in makers)
        return _without_repeats((*newer_than_the_catalogue, *self._default_route(name)))

    def _default_route(self, name: str) -> tuple[Candidate, ...]:
        if self.default_model:
            return replace(self, default_model=None).candidates(self.default_model)
        tier: Tier = next((_TIER_WORDS[word] for word in name.split("-") if word in _TIER_WORDS), "sonnet")
        for each in self.configured.values():
            if each.provider.tiers is not None:
                return (self._candidate(each, each.provider.tiers[tier]),)
        return ()

    def _local_server(self, model: str, named: Provider | None) -> tuple[Candidate, ...]:
        """The one server on this machine, for what the catalogue does not know or what anybody may serve."""
        servers = [each for each in self.configured.values() if each.provider.local]
        elsewhere = self.catalogue.serving(model)
        closed = elsewhere and not any("open_weights" in facts.capabilities for facts in elsewhere)
        if named is not None or len(servers) != 1 or (closed and not stem(model).startswith("claude")):
            return ()
        return (self._candidate(servers[0], model),)

    def _candidate(self, provider: ConfiguredProvider, model: str) -> Candidate:
        """`model` at `provider`, in the provider's own spelling where the catalogue knows one."""
        spellings = (facts for facts in self.catalogue.serving(model) if facts.provider == provider.id)
        facts = max(spellings, key=lambda facts: _closeness(facts, model), default=None)
        upstream_model = model if facts is None else facts.id
        return Candidate(
            provider=provider,
            model=upstream_model,
            facts=facts,
            traits=model_traits(provider.provider, upstream_model, facts),
            dialect=model_dialect(provider.provider, upstream_model, facts),
        )

    def _refusal(self, model: str, named: Provider | None) -> RoutingError:
        if named is not None:
            return NoUsableKeyError(f"model: {model}. {named.name} is not configured: {_how_to_configure(named)}")
        serving = self.catalogue.providers_of(model)
        maker_first = sorted(
            (each for each in self.known.values() if each.id in serving and each.base_url and not each.local),
            key=lambda each: not stem(model).startswith(each.makes or ("\n",)),
        )
        if maker_first:
            ways = "; or ".join(_how_to_configure(each) for each in maker_first[:3])
            return NoUsableKeyError(f"model: {model}. No provider that serves it is configured: {ways}")
        return UnknownModelError(f"model: {model}. {self._suggestions(model)}")

    def _suggestions(self, model: str) -> str:
        makers = [each.id for each in self.known.values() if stem(model).startswith(each.makes or ("\n",))]
        newer = [f"{maker}/{model}" for maker in makers[:1] if "/" not in model]
        similar = sorted(self.catalogue.suggest(model, 9), key=lambda each: not self._serving(each, exactly=False))
        listed = ", ".join((*newer, *similar[:3]))
        any_model = "Any model of a provider can be named as provider/model."
        return f"Did you mean {listed}? {any_model}" if listed else any_model


def _closeness(facts: ModelFacts, model: str) -> tuple[bool, bool, bool, bool, str, int]:
    """The exact id before the same name under another path, that before an undated id, and that before the newest."""
    asked, has = model.lower(), facts.id.lower()
    same_name = asked.rpartition("/")[2] == has.rpartition("/")[2]
    return facts.id == model, asked == has, same_name, not facts.released, facts.released, -len(facts.id)


def _without_repeats(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple({candidate.name: candidate for candidate in candidates}.values())


def _how_to_configure(provider: Provider) -> str:
    variables = " and ".join((provider.key_variables[0], *provider.base_url_needs))
    if provider.local or not provider.base_url:
        variables = provider.base_url_variables[0]
    return f"set {variables} ({provider.name})"
