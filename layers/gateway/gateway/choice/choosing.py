"""Chooses the candidates of a request by the operator's routes: the first rule that fits, `auto`, what is allowed."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from translator.anthropic.errors import ApiError
from translator.native.json_members import JsonObject, read_object

from gateway.access.key_records import KeyRecord, may_not_use
from gateway.choice.candidate_order import can_serve, expected_cost, ordered, spread
from gateway.choice.health import Pace
from gateway.choice.request_facts import RequestFacts, request_facts
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import EFFORTS, RouteRule, Routes, matches

AUTO = "auto"

Route = Callable[[str, KeyRecord], Awaitable[Sequence[Candidate]]]
"""The candidates for a model by its name. Raises `ApiError` where there are none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The candidates for a request, and the rule that chose them."""

    candidates: Sequence[Candidate]
    document: JsonObject
    """The request with the parameters that its route sets. It is the same object where the route sets none."""
    rule: RouteRule | None = None


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses candidates. `pace` gives a candidate's speed, `holder` the candidate that holds a session's prompt cache.

    `tiers` gives the models from which `auto` chooses, where the operator names none.
    """

    routes: Routes
    route: Route
    pace: Callable[[Candidate], Pace | None]
    holder: Callable[[str | None], str | None]
    tiers: Callable[[], Awaitable[Sequence[str]]]

    async def choose(
        self, document: JsonObject, model: str, key: KeyRecord, headers: Mapping[str, str], session: str | None
    ) -> Chosen:
        """The candidates for a request. Raises `ApiError` where there are none, or none is allowed."""
        if self.routes.is_plain and model != AUTO:
            candidates = await self.route(model, key)
            holder = self.holder(session) if len(candidates) > 1 else None
            if holder is None:
                return Chosen(candidates, document)
            facts = RequestFacts(model, frozenset(), frozenset(), 0, 0, session)
            return Chosen(ordered(candidates, "list", facts, pace=self.pace, holder=holder), document)
        facts = request_facts(
            document.members,
            model=model,
            length=len(document.text),
            is_sub_agent="x-claude-code-agent-id" in headers,
            session=session,
        )
        rule = next((each for each in self.routes.rules if fits(each, facts, key)), None)
        candidates = self._allowed(await self._candidates(rule, facts, key), model, key)
        order = (rule and rule.order) or self.routes.order
        if order != "list" or not (rule and rule.weights):
            candidates = ordered(candidates, order, facts, pace=self.pace, holder=self.holder(session))
        return Chosen(candidates, document if rule is None else with_parameters(document, rule), rule)

    async def _candidates(self, rule: RouteRule | None, facts: RequestFacts, key: KeyRecord) -> Sequence[Candidate]:
        if rule is not None and rule.use:
            targets = spread(rule.use, rule.weights, facts.session or str(facts.tokens)) if rule.weights else rule.use
            return await self._all_of(targets, key)
        if facts.model == AUTO:
            return await self._auto(facts, key)
        return await self.route(facts.model, key)

    async def _all_of(self, targets: Sequence[str], key: KeyRecord) -> Sequence[Candidate]:
        """Return the candidates of all targets.

        A target that is not configured is skipped; if none is, its refusal is raised.
        """
        found: list[Sequence[Candidate]] = []
        refusal = ApiError("not_found_error", "model: no model is configured for this route", retry=False)
        for target in targets:
            try:
                found.append(await self.route(target, replace(key, allowed_models=())))
            except ApiError as error:
                refusal = error
        if not found:
            raise refusal
        return list({each.name: each for each in chain.from_iterable(found)}.values())

    async def _auto(self, facts: RequestFacts, key: KeyRecord) -> Sequence[Candidate]:
        """Return the candidates that can do what the request needs, the cheapest first."""
        offered = await self._all_of(self.routes.auto or await self.tiers(), key)
        able = [each for each in offered if can_serve(each, facts) is None]
        if not able:
            reasons = "; ".join(f"{each.name} {can_serve(each, facts)}" for each in offered[:5])
            raise ApiError("invalid_request_error", f"model: auto finds no model for this request: {reasons}")
        return sorted(able, key=lambda each: expected_cost(each, facts))

    def _allowed(self, candidates: Sequence[Candidate], model: str, key: KeyRecord) -> Sequence[Candidate]:
        found = [each for each in candidates if is_allowed(self.routes, each, model, key)]
        if not found:
            raise may_not_use(model)
        return found


def is_allowed(routes: Routes, candidate: Candidate, model: str, key: KeyRecord) -> bool:
    """Tell whether the key may use a candidate, by the candidate's own name or by the requested one."""
    names = (model, candidate.name)
    # Not the bare model id as well: that is openai/gpt-5 at OpenRouter too, which openai/* does not mean.
    return key.may_use(*names, candidate.model) and routes.allows(key=(key.id, key.name), owner=key.owner, names=names)


def fits(rule: RouteRule, facts: RequestFacts, key: KeyRecord) -> bool:
    """Tell whether the request meets all conditions of a rule."""
    is_long = facts.tokens > rule.above_tokens
    return (
        (not rule.roles or bool(rule.roles & facts.roles) or (is_long and "long_context" in rule.roles))
        and (not rule.models or matches(rule.models, facts.model))
        and (not rule.keys or key.id in rule.keys or key.name in rule.keys)
        and (not rule.owners or key.owner in rule.owners)
    )


def with_parameters(document: JsonObject, rule: RouteRule) -> JsonObject:
    """Return the request with the parameters that the rule sets and limits."""
    before, after = document.members, dict(document.members)
    for name, value in rule.parameters.items():
        _set(after, name, value)
    most = rule.most.get("max_tokens")
    if most is not None and type(after.get("max_tokens")) is int:
        after["max_tokens"] = min(after["max_tokens"], most)
    ceiling = rule.most.get("effort")
    config = after.get("output_config")
    effort = config.get("effort") if isinstance(config, dict) else None
    if ceiling is not None and effort in EFFORTS and EFFORTS.index(effort) > EFFORTS.index(ceiling):
        _set(after, "effort", ceiling)
    return document if after == before else read_object(json.dumps(after))


def _set(members: dict[str, Any], name: str, value: Any) -> None:
    if name == "effort":
        config = members.get("output_config")
        members["output_config"] = {**(config if isinstance(config, dict) else {}), "effort": value}
    else:
        members[name] = value
