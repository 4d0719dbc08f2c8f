"""Tables: of which place (provider, model there, key) an outcome speaks, and for how long it counts. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from gateway.choice.circuit import Pause
from gateway.routing.key_pool import Secret
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome


class Place(NamedTuple):
    """A place with a circuit: a provider, a model there, or one of the provider's keys for that model."""

    provider: str
    model: str = ""
    key: str = ""
    """The first digits of the key's digest."""


class Rule(NamedTuple):
    """The consequence of a failure."""

    depth: int
    """The place that is meant, as its index in `places`: 0 the provider, 1 the model there, 2 the key for it."""
    pause: Pause
    at_once: bool = False
    spends: bool = True
    """Whether the next attempt spends the retry budget. It does where the upstream has had the load."""


RULES: Mapping[Outcome, Rule] = {
    "rate_limited": Rule(2, Pause(5, 60), at_once=True),
    "account_refused": Rule(2, Pause(60, 600), at_once=True, spends=False),
    "overloaded": Rule(1, Pause(10, 300)),
    "timeout": Rule(1, Pause(10, 300)),
    "upstream_error": Rule(1, Pause(10, 300)),
    "broke_off": Rule(1, Pause(10, 300)),
    "unreachable": Rule(0, Pause(10, 300), spends=False),
}
"""The outcomes that speak against a place. A `not_found` does not: callers may name any model."""

ALIVE = frozenset[Outcome]({"answered", "caller_error", "correctable", "not_found"})
"""The outcomes after which the upstream was there, and took the key."""


def places(candidate: Candidate) -> tuple[Place, Place, Place]:
    """Return the places of a candidate, from the widest to the narrowest."""
    return _places(candidate.provider.provider.id, candidate.model, candidate.provider.key)


@lru_cache(maxsize=256)
def _places(provider: str, model: str, key: Secret | None) -> tuple[Place, Place, Place]:
    digest = sha256(b"" if key is None else key.reveal().encode()).hexdigest()
    return Place(provider), Place(provider, model), Place(provider, model, digest[:8])


def is_hopeless(candidate: Candidate, failed: Candidate, outcome: Outcome) -> bool:
    """Tell whether the failure of one candidate also fails another, for example the same model with another key."""
    rule = RULES.get(outcome)
    if rule is None or rule.depth > 1 or candidate.provider.id != failed.provider.id:
        return False
    return rule.depth == 0 or candidate.model == failed.model
