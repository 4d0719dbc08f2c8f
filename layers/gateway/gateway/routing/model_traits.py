"""Finds the traits of a model: the provider's, the rules for models, and the catalogue's."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from translator.traits import Effort, Traits

from gateway.routing.model_facts import ALL_THAT_TRAITS_ALLOW, ModelFacts, stem
from gateway.routing.model_rules import ANYWHERE, SAMPLING, Dialect, Rule
from gateway.routing.providers import Provider

SPOKEN: frozenset[Dialect] = frozenset({"anthropic", "chat", "responses", "converse"})
"""The dialects that the messages function has: a model without one of these cannot be asked."""

DOUBTFUL: tuple[Effort, ...] = ("low", "medium", "high")
"""The efforts of a model of which nothing is known: who asks it to think is to be heard, and a refusal corrects it."""
THINKING = frozenset({"efforts", "thinking_toggle"})

_ECHOES: Mapping[str, Literal["reasoning_content", "reasoning_details"]] = {
    "reasoning_content": "reasoning_content",
    "reasoning_details": "reasoning_details",
}
"""By the field in which the catalogue says that reasoning comes: the one in which it is wanted back."""


def model_traits(provider: Provider, model_id: str, facts: ModelFacts | None) -> Traits:
    """What the upstream model can take; without `facts` the provider's traits and the rules decide."""
    traits = provider.traits
    for rule in _rules(provider, model_id):
        traits = replace(traits, fields=traits.fields - rule.without | rule.more, **rule.traits)
    settled: dict[str, Any] = {name: getattr(provider.traits, name) for name in provider.settled_traits}
    traits = replace(traits, **settled)
    is_unknown = facts is None or (facts.capabilities == ALL_THAT_TRAITS_ALLOW and not facts.family)
    if is_unknown and not _is_told_how_to_think(provider, model_id):
        traits = replace(traits, efforts=DOUBTFUL)
    return traits if facts is None else _with_facts(traits, facts)


def model_dialects(
    provider: Provider, model_id: str, facts: ModelFacts | None, *, is_own: bool = False
) -> tuple[Dialect, ...]:
    """The dialects in which the model can be asked, the one that suits it best first.

    What the operator has written counts alone. A server of their own (`is_own`) in a provider's place speaks chat, if
    it speaks anything: only what its maker serves otherwise is tried first in that, and Claude's own API.
    """
    settled = (facts.settled_dialect if facts is not None else None) or provider.settled_dialect
    if settled is not None:
        return (settled,)
    ruled = [rule.dialects for rule in _rules(provider, model_id) if rule.dialects]
    if ruled:
        best = ruled[-1]
    else:
        of_model = facts.dialect if facts is not None else None
        best = _with_chat(of_model or provider.dialect, provider)
    if not is_own or best[0] == "chat" or best == ("anthropic",) or "claude" in provider.makes:
        return best
    return ("chat", *best[:1]) if "chat" in best else (*best, "chat")


def _with_chat(best: Dialect, provider: Provider) -> tuple[Dialect, ...]:
    if best == "chat" or (best == "anthropic" and provider.native is None):  # nobody has said where
        return ("chat",)
    return (best, "chat")


def _rules(provider: Provider, model_id: str) -> Iterable[Rule]:
    """Those that speak of the model."""
    return (rule for rule in (*ANYWHERE, *provider.rules) if re.match(rule.pattern, stem(model_id)))


def _is_told_how_to_think(provider: Provider, model_id: str) -> bool:
    """Whether anybody has said how the model is asked to think, or that it cannot."""
    if provider.traits.efforts or provider.traits.thinking_toggle or THINKING & provider.settled_traits:
        return True
    return any(THINKING & rule.traits.keys() for rule in _rules(provider, model_id))


def _with_facts(traits: Traits, facts: ModelFacts) -> Traits:
    sampled = "temperature" in facts.capabilities
    reasons = "reasoning" in facts.capabilities
    return replace(
        traits,
        fields=traits.fields if sampled else traits.fields - SAMPLING,
        max_output_tokens=facts.max_output_tokens,
        context_window=facts.context_window,
        efforts=traits.efforts if reasons else (),
        thinking_toggle=traits.thinking_toggle if reasons else None,
        reasoning_echo=traits.reasoning_echo or _ECHOES.get(facts.reasoning_field or ""),
        images=traits.images and "images" in facts.capabilities,
        pdf=traits.pdf and not facts.capabilities.isdisjoint({"pdf", "attachment"}),
    )
