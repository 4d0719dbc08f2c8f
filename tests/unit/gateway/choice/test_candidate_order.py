"""The orders of candidates, whose cache is warm, and who can do what a request needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import inf

import pytest
from gateway.choice.cache_holders import MOST_SESSIONS, WARM_SECONDS, CacheHolders, warm_cache
from gateway.choice.candidate_order import can_serve, expected_cost, ordered, spread
from gateway.choice.health import Pace
from gateway.choice.request_facts import RequestFacts
from gateway.routing.model_facts import Capability, Prices, unknown_model
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import Order

from tests.unit.gateway.fakes import candidate

FACTS = RequestFacts("gpt-5", frozenset(), frozenset(), tokens=100_000, max_tokens=4_000, session="s")
NOW = 1000.0


def at(
    provider: str, *prices: Prices, model: str = "gpt-5", window: int | None = None, can: set[Capability] | None = None
) -> Candidate:
    facts = replace(unknown_model(provider, model), prices=prices, context_window=window)
    return replace(
        candidate(provider, model), facts=facts if can is None else replace(facts, capabilities=frozenset(can))
    )


DEAR = at("dear", Prices(3_000_000, 15_000_000, cache_read=300_000))
CHEAP = at("cheap", Prices(2_000_000, 8_000_000))
FREE = at("free", Prices(0, 0))
UNPRICED = at("unpriced")
ALL = [DEAR, UNPRICED, CHEAP, FREE]
PACES = {"dear": Pace(0.5, 40.0), "unpriced": Pace(0.2, 0.0), "cheap": Pace(0.9, 90.0)}


@pytest.mark.parametrize(
    ("order", "holder", "expected"),
    [
        ("list", None, "dear unpriced cheap free"),
        ("list", "cheap/gpt-5", "cheap dear unpriced free"),
        ("list", "gone/gpt-5", "dear unpriced cheap free"),
        ("price", None, "free cheap dear unpriced"),
        ("price", "dear/gpt-5", "dear free cheap unpriced"),
        ("latency", None, "free unpriced dear cheap"),
        ("throughput", None, "unpriced free cheap dear"),
        ("throughput", "cheap/gpt-5", "cheap unpriced free dear"),
        ("cache", None, "free dear cheap unpriced"),
        ("cache", "dear/gpt-5", "free dear cheap unpriced"),
    ],
)
def test_orders(order: Order, holder: str | None, expected: str) -> None:
    found = ordered(ALL, order, FACTS, pace=lambda each: PACES.get(each.provider.id), holder=holder)
    assert [each.provider.id for each in found] == expected.split()


def test_a_session_does_not_stay_with_the_second_choice_among_different_models() -> None:
    """The operator's list of different models is an order of quality; of the same model, one of addresses."""
    best, second = at("one", model="claude-opus-4-8"), at("two", model="gpt-5")
    stays = [best, at("two", model="anthropic/claude-opus-4.8")]
    assert ordered([best, second], "list", FACTS, pace=lambda _: None, holder="two/gpt-5")[0] is best
    assert ordered(stays, "list", FACTS, pace=lambda _: None, holder=stays[1].name)[0] is stays[1]
    assert ordered([best, second], "price", FACTS, pace=lambda _: None, holder="two/gpt-5")[0] is second


def test_a_session_does_not_move_for_a_little_less() -> None:
    little_less = at("less", Prices(2_950_000, 15_000_000, cache_read=295_000))
    both = [DEAR, little_less]
    assert ordered(both, "cache", FACTS, pace=lambda _: None, holder=None)[0] is little_less
    assert ordered(both, "cache", FACTS, pace=lambda _: None, holder=DEAR.name)[0] is DEAR


def test_without_a_session_only_this_request_counts() -> None:
    found = ordered(ALL, "cache", replace(FACTS, session=None), pace=lambda _: None, holder=None)
    assert [each.provider.id for each in found] == ["free", "cheap", "dear", "unpriced"]


def test_what_a_session_sends_is_written_into_the_cache_first_and_grows() -> None:
    writes = at("writes", Prices(300_000, 0, cache_read=30_000, cache_write=375_000))
    reads_dear = at("reads dear", Prices(200_000, 0, cache_read=60_000))
    small = replace(FACTS, tokens=10_000)
    assert expected_cost(writes, small) == pytest.approx(3_750)
    assert expected_cost(writes, replace(small, session=None)) == pytest.approx(3_000)
    assert ordered([reads_dear, writes], "cache", small, pace=lambda _: None, holder=None)[0] is writes
    once = replace(small, session=None)
    assert ordered([writes, reads_dear], "cache", once, pace=lambda _: None, holder=None)[0] is reads_dear


def test_what_a_request_is_expected_to_cost() -> None:
    assert expected_cost(DEAR, FACTS) == pytest.approx(300_000 + 15_000)
    assert expected_cost(DEAR, FACTS, is_warm=True) == pytest.approx(30_000 + 15_000)
    assert expected_cost(CHEAP, FACTS, is_warm=True) == expected_cost(CHEAP, FACTS)
    assert expected_cost(DEAR, replace(FACTS, max_tokens=10, tokens=0)) == pytest.approx(150)
    assert expected_cost(DEAR, replace(FACTS, max_tokens=0, tokens=0)) == pytest.approx(15_000)
    assert expected_cost(UNPRICED, FACTS) == inf
    tiered = at("tiered", Prices(1_000_000, 0), Prices(2_000_000, 0, above=50_000))
    assert [expected_cost(tiered, replace(FACTS, tokens=tokens)) for tokens in (50_000, 100_000)] == [50_000, 200_000]


@pytest.mark.parametrize(
    ("who", "needs", "reason"),
    [
        (at("one", window=101_000), set(), None),
        (at("one", window=100_999), set(), "has a context of 100,999 tokens"),
        (at("one"), {"images", "tools"}, None),
        (at("one", can={"tools"}), {"tools"}, None),
        (at("one", can={"tools"}), {"pdf", "images", "tools"}, "cannot take images, pdf"),
        (candidate("one", "unheard-of"), {"images"}, None),
    ],
)
def test_who_can_do_what_a_request_needs(who: Candidate, needs: set[Capability], reason: str | None) -> None:
    assert can_serve(who, replace(FACTS, needs=frozenset(needs))) == reason


def test_sessions_are_spread_by_weight_and_each_keeps_to_its_own() -> None:
    targets, weights = ["a/x", "b/x", "c/x"], [6, 3, 1]
    sessions = [f"session-{number}" for number in range(2_000)]
    first = Counter(spread(targets, weights, session)[0] for session in sessions)
    assert [first[target] / 2_000 for target in targets] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)
    assert all(sorted(spread(targets, weights, session)) == targets for session in sessions[:50])
    assert spread(targets, weights, "s") == spread(targets, weights, "s")


def test_why_the_holder_of_a_cache_is_left() -> None:
    assert warm_cache(None, ALL, ALL) is None
    chosen, gone = [DEAR, CHEAP, FREE], UNPRICED
    left = [warm_cache(each.name, chosen, [DEAR, CHEAP]) for each in (DEAR, CHEAP, FREE, gone)]
    assert [warm and warm.leaving for warm in left] == ["failed", "order", "set_aside", "route"]


def test_a_cache_is_held_for_five_minutes_after_the_last_answer() -> None:
    holders = CacheHolders()
    assert (holders.holder("s", NOW), holders.holder(None, NOW)) == (None, None)
    holders.answered("s", "one/m", NOW)
    holders.answered("s", "two/m", NOW + 200)
    assert holders.holder("s", NOW + 200 + WARM_SECONDS - 1) == "two/m"
    assert holders.holder("s", NOW + 200 + WARM_SECONDS) is None
    for number in range(MOST_SESSIONS):
        holders.answered(f"other-{number}", "one/m", NOW + 200)
    assert holders.holder("s", NOW + 201) is None
    assert len(holders.by_session) == MOST_SESSIONS
