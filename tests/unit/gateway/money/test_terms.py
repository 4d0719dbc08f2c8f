"""What a caller asks for that makes every token dearer is in the estimate and in the price."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from gateway.money.terms import on_terms
from gateway.routing.bedrock_ids import Scheme
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.resolve import Candidate
from translator.traits import COMMON_FIELDS, Traits

from tests.unit.gateway.fakes import FakeAnswer, Harness, candidate, fine

ORDINARY = Prices(5, 25, 1, None, 30, above=7, cache_write_1h=9, request=11, web_search=13)


def priced(model: str, *, is_native: bool = True, ids: Scheme | None = None, fields: tuple[Any, ...] = ()) -> Candidate:
    found = candidate("one", model, Traits(fields=COMMON_FIELDS.union(fields)), is_native=is_native)
    served = replace(found.provider, provider=replace(found.provider.provider, ids=ids))
    return replace(found, provider=served, facts=replace(unknown_model("one", model), prices=(ORDINARY,)))


@pytest.mark.parametrize(
    ("model", "asked", "output"),
    [
        ("claude-opus-5", {}, 25),
        ("claude-opus-5", {"speed": "standard", "inference_geo": "global", "service_tier": "priority"}, 25),
        ("claude-opus-5", {"speed": "fast"}, 50),
        ("claude-opus-4-6", {"speed": "fast"}, 150),
        ("anthropic/claude-opus-4.7", {"speed": "fast"}, 150),
        ("claude-opus-5", {"inference_geo": "us"}, 28),
        ("claude-opus-5", {"inference_geo": "eu", "speed": "fast"}, 55),
        ("MiniMax-M3", {"speed": "fast", "inference_geo": "us"}, 25),
    ],
)
def test_claude_is_dearer_in_a_hurry_and_in_one_country(model: str, asked: dict[str, Any], output: int) -> None:
    assert on_terms(priced(model), asked, is_native=True).prices[0].output == output


def test_bedrock_has_neither() -> None:
    found = priced("eu.anthropic.claude-opus-5", ids="runtime")
    assert on_terms(found, {"speed": "fast", "inference_geo": "us"}, is_native=True) is found


@pytest.mark.parametrize(
    ("model", "tier", "fields", "output"),
    [
        ("gpt-5.6", "priority", ("service_tier",), 50),
        ("gpt-5.5", "fast", ("service_tier",), 63),
        ("gpt-5.6", "auto", ("service_tier",), 25),
        ("gpt-5.6", "flex", ("service_tier",), 25),
        ("gpt-5.6", ["priority"], ("service_tier",), 25),
        ("gpt-5.6", "priority", (), 25),
    ],
)
def test_another_model_is_dearer_in_a_tier_that_it_is_asked_for(
    model: str, tier: Any, fields: tuple[Any, ...], output: int
) -> None:
    asked = {"service_tier": tier, "speed": "fast", "inference_geo": "us"}
    found = on_terms(priced(model, is_native=False, fields=fields), asked, is_native=False)
    assert found.prices[0].output == output


def test_every_price_of_a_token_is_dearer_and_no_other() -> None:
    found = on_terms(priced("claude-opus-5"), {"speed": "fast"}, is_native=True)
    assert found.prices == (Prices(10, 50, 2, None, 60, above=7, cache_write_1h=18, request=11, web_search=13),)


def test_what_is_not_priced_stays_so() -> None:
    found = replace(priced("claude-opus-5"), facts=None)
    assert on_terms(found, {"speed": "fast"}, is_native=True) is found


class Priced(Harness):
    """Its candidates have prices."""

    async def _route(self, _model: str, _key: Any) -> list[Candidate]:
        found = await super()._route(_model, _key)
        facts = replace(unknown_model("one", "claude-opus-5"), prices=(Prices(1_000_000, 10_000_000),))
        return [replace(each, facts=facts) for each in found]


MESSAGE = '{"type": "message", "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 1}}'


@pytest.mark.parametrize(("asked", "cost"), [({}, 13), ({"speed": "fast"}, 26), ({"inference_geo": "us"}, 15)])
def test_an_answer_costs_what_its_terms_say(asked: dict[str, Any], cost: int) -> None:
    """And the ledger is given the same prices, for the estimate too."""
    harness = Priced([FakeAnswer([[MESSAGE]])], providers=("one",), natives=("one",), model="claude-opus-5")
    answer = harness.ask(**asked)
    assert answer.headers["x-edgeway-cost-usd"] == f"0.{cost:06d}"
    assert [each["cost_micro_dollars"] for each in harness.summaries()] == [cost]


def test_terms_that_the_upstream_does_not_get_cost_nothing() -> None:
    harness = Priced([fine()], providers=("one",), model="claude-opus-5")
    answer = harness.ask(speed="fast", inference_geo="us")
    assert answer.headers["x-edgeway-dropped"] == "inference_geo,speed"
    assert answer.headers["x-edgeway-cost-usd"] == "0.000042"
