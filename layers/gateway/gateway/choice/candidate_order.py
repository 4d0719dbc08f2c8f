"""Orders the candidates of a request by what the operator prefers, and finds who can do what it needs. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from math import inf, log

from gateway.choice.health import Pace
from gateway.choice.request_facts import RequestFacts
from gateway.routing.model_facts import Prices, stem
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import Order

_ANSWER_TOKENS = 1_000
"""Of an answer whose length nobody knows."""

_TURNS_TO_COME = 20
"""Of a session: nobody knows."""
_GROWTH = 2_000
"""Tokens by which a session's prompt grows with each turn."""


def can_serve(candidate: Candidate, facts: RequestFacts) -> str | None:
    """Return why a candidate cannot serve the request. None: it can, or nothing is known of the model."""
    known = candidate.facts
    if known is None:
        return None
    lacking = sorted(facts.needs - known.capabilities)
    if lacking:
        return f"cannot take {', '.join(lacking)}"
    if known.context_window is not None and facts.tokens + min(facts.max_tokens, _ANSWER_TOKENS) > known.context_window:
        return f"has a context of {known.context_window:,} tokens"
    return None


def expected_cost(candidate: Candidate, facts: RequestFacts, *, is_warm: bool = False) -> float:
    """Return the expected cost in micro-dollars, for the prompt and a usual answer.

    Infinite where the model has no price.
    """
    if not candidate.prices:
        return inf
    prices = _tier(candidate.prices, facts.tokens)
    input_price = _input_price(prices, is_warm=is_warm, is_written=facts.session is not None)
    answer = min(facts.max_tokens or _ANSWER_TOKENS, _ANSWER_TOKENS)
    return (facts.tokens * input_price + answer * prices.output) / 1_000_000


def ordered(
    candidates: Sequence[Candidate],
    order: Order,
    facts: RequestFacts,
    *,
    pace: Callable[[Candidate], Pace | None],
    holder: str | None,
) -> list[Candidate]:
    """Sort the candidates by this order. Equal candidates keep their places in the list.

    A candidate of unknown speed comes first, so that its speed becomes known. `holder` is the name of the candidate
    that holds the session's cache.
    """
    keys: Mapping[Order, Callable[[Candidate], float]] = {
        "list": lambda _: 0,
        "price": lambda each: expected_cost(each, facts),
        "latency": lambda each: known.first_event if (known := pace(each)) else 0,
        "throughput": lambda each: -(known.tokens_a_second or inf) if (known := pace(each)) else -inf,
        "cache": lambda each: _session_cost(each, facts, is_warm=each.name == holder),
    }
    found = sorted(candidates, key=keys[order])
    return found if order == "cache" else _kept(found, order, holder)


def _session_cost(candidate: Candidate, facts: RequestFacts, *, is_warm: bool) -> float:
    """Return the cost of this request, and for a session that of its next requests too, which find the cache warm.

    With this request alone, a candidate without a cache could be the cheapest one for ever.
    """
    now = expected_cost(candidate, facts, is_warm=is_warm)
    if facts.session is None:
        return now
    later = replace(facts, tokens=facts.tokens + _GROWTH * _TURNS_TO_COME // 2)
    return now + _TURNS_TO_COME * expected_cost(candidate, later, is_warm=True)


def _input_price(prices: Prices, *, is_warm: bool, is_written: bool) -> int:
    """Return the price of one input token: cache read, cache write (a session's request), or plain input."""
    price = prices.cache_read if is_warm else prices.cache_write if is_written else None
    return prices.input if price is None else price


def spread(targets: Sequence[str], weights: Sequence[int], session: str) -> list[str]:
    """Shuffle the targets by weight. The order is stable for a session."""

    def rank(number: int) -> float:
        digest = sha256(f"{session} {targets[number]}".encode()).digest()
        chance = (int.from_bytes(digest[:8]) + 1) / (2**64 + 1)
        return -log(chance) / weights[number]

    return [targets[number] for number in sorted(range(len(targets)), key=rank)]


def _kept(found: list[Candidate], order: Order, holder: str | None) -> list[Candidate]:
    """Move the holder of the session's cache to the front. An operator's list of different models stays as it is."""
    position = next((number for number, each in enumerate(found) if each.name == holder), 0)
    if position == 0 or (order == "list" and stem(found[position].model) != stem(found[0].model)):
        return found
    return [found[position], *found[:position], *found[position + 1 :]]


def _tier(prices: Sequence[Prices], tokens: int) -> Prices:
    return ([each for each in prices if each.above < tokens] or prices[:1])[-1]
