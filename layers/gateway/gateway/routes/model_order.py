"""Orders the list of models: clients show the first ones, so the newest and most capable lead.

Nothing says of most models when they came or what they are worth. So the version in a name stands for its age, the
higher the newer, and of one version the price of its output for what it can do.
"""

import re
from collections.abc import Mapping

from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import ModelFacts, stem
from gateway.routing.model_traits import SPOKEN, model_dialects
from gateway.routing.providers import ConfiguredProvider

_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{2}-20[0-9]{2}")
_VERSION = re.compile(r"(?<![0-9])([0-9]{1,2})(?:-([0-9]{1,2}))?(?![0-9bmexk])")
"""In a stem without dates. What counts parameters, experts or thousands of tokens is none."""


def askable_models(catalogue: Catalogue, configured: Mapping[str, ConfiguredProvider]) -> list[ModelFacts]:
    """What can be asked now: the operator's own models first, then provider by provider in the order of preference.

    Of a server of the operator's own only those that it says it serves, or that edgeway.toml says: what the catalogue
    knows of the provider in whose place it stands is not there.
    """
    found = catalogue.search(providers=configured)
    listed = [facts for facts in found if _can_be_asked(facts, catalogue, configured[facts.provider])]
    positions = {name: position for position, name in enumerate(configured)}
    return sorted(listed, key=lambda facts: (not catalogue.is_own(facts), positions[facts.provider], _rank(facts)))


def _can_be_asked(facts: ModelFacts, catalogue: Catalogue, provider: ConfiguredProvider) -> bool:
    is_there = catalogue.is_own(facts) or not provider.is_own
    return is_there and not SPOKEN.isdisjoint(model_dialects(provider.provider, facts.id, facts))


def _rank(facts: ModelFacts) -> tuple[bool, bool, float, int, bool, str]:
    """The least comes first. What costs nothing is a sample of the provider's, or no model but a way to one."""
    price = facts.prices[0].output if facts.prices else 0
    return facts.status == "deprecated", not price, -_version(facts.id), -price, bool(facts.released), facts.id


def _version(model_id: str) -> float:
    """As a decimal, as the names of models count: 4.20 came before 4.3."""
    found = _VERSION.search(_DATE.sub("", stem(model_id)))
    return float(f"{found[1]}.{found[2] or 0}") if found else 0.0
