"""The operator's routes: which rule a request falls under, who is asked by it, with which parameters, and who may."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.choice.choosing import Chooser, Chosen
from gateway.choice.health import Pace
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import RouteRule, Routes
from translator.anthropic.errors import ApiError
from translator.native.json_members import read_object

from tests.loop import run
from tests.unit.gateway.fakes import candidate

ALICE = KeyRecord(id="key_1", name="alice", hint="", owner="team-a", created=0)
MODELS = {
    "tiny/small": (10, 8_000),
    "mid/medium": (100, 100_000),
    "big/large": (1000, 1_000_000),
}


def known(name: str) -> Candidate:
    provider, _, model = name.partition("/")
    price, window = MODELS[name]
    facts = replace(unknown_model(provider, model), prices=(Prices(price, price),), context_window=window)
    if provider == "tiny":
        facts = replace(facts, capabilities=frozenset({"tools"}))
    return replace(candidate(provider, model), facts=facts)


@dataclass(slots=True)
class Operator:
    """A chooser with these routes, over three models."""

    routes: Routes = field(default_factory=Routes)
    paces: dict[str, Pace] = field(default_factory=dict)
    holder: str | None = None

    async def _route(self, model: str, key: KeyRecord) -> Sequence[Candidate]:
        assert not (key.allowed_models and model in MODELS)
        if model == "several":
            return [known(name) for name in MODELS]
        if model not in MODELS:
            raise ApiError("not_found_error", f"model: {model}")
        return [known(model)]

    async def _tiers(self) -> Sequence[str]:
        return ["big/large", "mid/medium", "tiny/small", "gone/model"]

    def choose(
        self,
        model: str = "several",
        *,
        key: KeyRecord = ALICE,
        session: str | None = "s",
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> Chosen:
        document = read_object(json.dumps({"model": model, **members}))
        chooser = Chooser(
            self.routes,
            self._route,
            pace=lambda each: self.paces.get(each.provider.id),
            holder=lambda _: self.holder,
            tiers=self._tiers,
        )
        return run(chooser.choose(document, model, key, headers or {}, session))

    def names(self, model: str = "several", **request: Any) -> list[str]:
        return [each.name for each in self.choose(model, **request).candidates]


def ruled(**facts: Any) -> Operator:
    return Operator(Routes(rules=(RouteRule(name="rule", **{"use": ("tiny/small",), **facts}),)))


def test_without_routes_nothing_is_looked_at() -> None:
    operator = Operator()
    document = read_object("{}")
    chosen = operator.choose("several")
    assert [each.name for each in chosen.candidates] == list(MODELS)
    assert (operator.choose("several").document.members, chosen.rule) == ({"model": "several"}, None)
    assert document.members == {}


def test_without_routes_a_session_stays_with_who_holds_its_cache_of_the_same_model() -> None:
    operator = Operator(holder="big/large")
    assert operator.names() == list(MODELS)  # these are different models
    same = [candidate("one", "gpt-5"), candidate("two", "openai/gpt-5")]

    async def route(*_: object) -> list[Candidate]:
        return same

    chooser = Chooser(Routes(), route, lambda _: None, lambda _: "two/openai/gpt-5", operator._tiers)
    chosen = run(chooser.choose(read_object('{"model": "gpt-5"}'), "gpt-5", ALICE, {}, "s"))
    assert [each.provider.id for each in chosen.candidates] == ["two", "one"]


@pytest.mark.parametrize(
    ("conditions", "request_", "holds"),
    [
        ({}, {}, True),
        ({"roles": {"background"}}, {}, False),
        ({"roles": {"main"}}, {}, True),
        ({"roles": {"sub_agent"}}, {"headers": {"x-claude-code-agent-id": "a"}}, True),
        ({"roles": {"thinking", "images"}}, {"thinking": {"type": "enabled"}}, True),
        ({"roles": {"long_context"}, "above_tokens": 1000}, {"system": "x" * 5000}, True),
        ({"roles": {"long_context"}, "above_tokens": 1000}, {"system": "x" * 3000}, False),
        ({"roles": {"long_context"}}, {"system": "x" * 5000}, False),
        ({"models": ("sev*",)}, {}, True),
        ({"models": ("SEVERAL",)}, {}, True),
        ({"models": ("claude-*",)}, {}, False),
        ({"keys": ("alice",)}, {}, True),
        ({"keys": ("key_1",)}, {}, True),
        ({"keys": ("bob",)}, {}, False),
        ({"owners": ("team-a",)}, {}, True),
        ({"owners": ("team-b",)}, {}, False),
        ({"owners": ("team-a",), "models": ("gpt-*",)}, {}, False),
    ],
)
def test_a_rule_is_for_requests_for_which_all_its_conditions_hold(
    conditions: dict[str, Any], request_: dict[str, Any], holds: bool
) -> None:
    chosen = ruled(**conditions).choose(**request_)
    assert [each.name for each in chosen.candidates] == (["tiny/small"] if holds else list(MODELS))
    assert (chosen.rule is not None) is holds


def test_the_first_rule_that_fits_counts() -> None:
    rules = (
        RouteRule(name="other", keys=("bob",), use=("mid/medium",)),
        RouteRule(name="first", use=("big/large",)),
        RouteRule(name="second", use=("tiny/small",)),
    )
    chosen = Operator(Routes(rules=rules)).choose()
    assert chosen.rule is rules[1]
    assert [each.name for each in chosen.candidates] == ["big/large"]


def test_of_those_in_use_the_configured_are_asked_in_their_order() -> None:
    use = ("gone/model", "big/large", "tiny/small", "big/large")
    assert ruled(use=use).names() == ["big/large", "tiny/small"]
    with pytest.raises(ApiError, match="model: gone/model"):
        ruled(use=("gone/model",)).names()


def test_weights_spread_sessions_and_what_no_session_has() -> None:
    operator = ruled(use=("big/large", "tiny/small"), weights=(1, 1))
    first = {session: operator.names(session=session)[0] for session in "abcdefghij"}
    assert set(first.values()) == {"big/large", "tiny/small"}
    assert all(operator.names(session=session)[0] == name for session, name in first.items())
    assert {operator.names(session=None, system="x" * 4 * n)[0] for n in range(20)} == {"big/large", "tiny/small"}


def test_an_order_is_the_rules_or_else_that_of_all_routes() -> None:
    use = ("big/large", "mid/medium", "tiny/small")
    assert ruled(use=use, order="price").names() == ["tiny/small", "mid/medium", "big/large"]
    operator = Operator(Routes(order="latency"), paces={"tiny": Pace(9), "mid": Pace(5), "big": Pace(1)})
    assert operator.names() == ["big/large", "mid/medium", "tiny/small"]
    operator.holder = "mid/medium"
    assert operator.names() == ["mid/medium", "big/large", "tiny/small"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, ["tiny/small", "mid/medium", "big/large"]),
        ({"system": "x" * 40_000}, ["mid/medium", "big/large"]),
        ({"system": "x" * 500_000}, ["big/large"]),
        ({"tools": [{"name": "read"}]}, ["tiny/small", "mid/medium", "big/large"]),
        ({"thinking": {"type": "enabled"}}, ["mid/medium", "big/large"]),
    ],
)
def test_auto_is_the_cheapest_that_can_do_what_the_request_needs(request_: dict[str, Any], expected: list[str]) -> None:
    assert Operator().names("auto", **request_) == expected
    assert Operator(Routes(order="list")).names("auto", **request_) == expected


def test_auto_chooses_from_what_the_operator_names() -> None:
    assert Operator(Routes(auto=("big/large", "mid/medium"))).names("auto") == ["mid/medium", "big/large"]


def test_where_auto_finds_nobody_it_says_why() -> None:
    with pytest.raises(ApiError) as refused:
        Operator(Routes(auto=("tiny/small",))).names("auto", system="x" * 90_000)
    assert refused.value.message == (
        "model: auto finds no model for this request: tiny/small has a context of 8,000 tokens"
    )
    assert refused.value.error_type == "invalid_request_error"


@pytest.mark.parametrize(
    ("facts", "sent", "becomes"),
    [
        ({"parameters": {"temperature": 0.2}}, {}, {"temperature": 0.2}),
        ({"parameters": {"max_tokens": 99}}, {"max_tokens": 5}, {"max_tokens": 99}),
        ({"parameters": {"effort": "low"}}, {}, {"output_config": {"effort": "low"}}),
        (
            {"parameters": {"effort": "low"}},
            {"output_config": {"effort": "max", "format": {}}},
            {"output_config": {"effort": "low", "format": {}}},
        ),
        ({"parameters": {"effort": "low"}}, {"output_config": 5}, {"output_config": {"effort": "low"}}),
        ({"most": {"max_tokens": 99}}, {"max_tokens": 500}, {"max_tokens": 99}),
        ({"most": {"max_tokens": 99}}, {"max_tokens": 5}, {"max_tokens": 5}),
        ({"most": {"max_tokens": 99}}, {"max_tokens": "x"}, {"max_tokens": "x"}),
        ({"most": {"effort": "medium"}}, {"output_config": {"effort": "max"}}, {"output_config": {"effort": "medium"}}),
        ({"most": {"effort": "medium"}}, {"output_config": {"effort": "low"}}, {"output_config": {"effort": "low"}}),
        ({"most": {"effort": "medium"}}, {"output_config": {"effort": 5}}, {"output_config": {"effort": 5}}),
        ({"most": {"effort": "medium"}}, {"output_config": []}, {"output_config": []}),
    ],
)
def test_parameters_are_set_and_capped(facts: dict[str, Any], sent: dict[str, Any], becomes: dict[str, Any]) -> None:
    document = ruled(**facts).choose(**sent).document
    assert document.members == {"model": "several", **becomes}
    assert json.loads(document.text) == document.members


def test_a_request_that_its_rule_leaves_as_it_is_keeps_its_bytes() -> None:
    text = '{"model":"several",  "max_tokens":5}'
    operator = ruled(most={"max_tokens": 99})
    chooser = Chooser(operator.routes, operator._route, lambda _: None, lambda _: None, operator._tiers)
    document = read_object(text)
    assert run(chooser.choose(document, "several", ALICE, {}, None)).document is document


def test_what_a_key_or_an_owner_may_use() -> None:
    by_key = Operator(Routes(of_key={"alice": ("big/*", "mid/*")}))
    assert by_key.names() == ["mid/medium", "big/large"]
    assert by_key.names(key=replace(ALICE, name="bob")) == list(MODELS)
    both = Operator(Routes(of_key={"key_1": ("big/*", "mid/*")}, of_owner={"team-a": ("mid/*", "tiny/*")}))
    assert both.names() == ["mid/medium"]
    assert Operator(Routes(of_owner={"team-a": ("several",)})).names() == list(MODELS)
    assert Operator(Routes(of_key={"alice": ("small",)})).names("several", key=replace(ALICE, name="bob")) != []
    with pytest.raises(ApiError):
        Operator(Routes(of_key={"alice": ("small",)})).names()  # a bare id is another provider's as well
    with pytest.raises(ApiError) as refused:
        by_key.names("tiny/small")
    assert refused.value.error_type == "permission_error"


def test_a_rule_leads_no_key_to_what_it_may_not_use() -> None:
    limited = replace(ALICE, allowed_models=("several",))
    assert ruled().names(key=limited) == ["tiny/small"]  # by the name that it may ask for
    with pytest.raises(ApiError):
        ruled().names(key=replace(ALICE, allowed_models=("mid/medium",)))
    assert ruled().names(key=replace(ALICE, allowed_models=("tiny/small",))) == ["tiny/small"]
