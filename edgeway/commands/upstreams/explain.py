"""`edgeway explain`: which providers are asked for a model, in which order and why; on this machine or on a stack."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer
from gateway.access.key_records import KeyRecord
from gateway.choice.candidate_order import can_serve, expected_cost
from gateway.choice.choosing import AUTO, Chooser, Chosen, is_allowed
from gateway.choice.health import Health
from gateway.choice.health_memory import MOST_ASKED
from gateway.choice.key_pools import with_keys
from gateway.choice.request_facts import RequestFacts, is_repeatable, request_facts
from gateway.routing.directory import ModelDirectory
from gateway.routing.model_facts import stem
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import RouteRule
from gateway.settings import read_settings
from rich.table import Table
from translator.anthropic.errors import ApiError
from translator.native.json_members import JsonObject, read_object

from edgeway.commands.store_setting import DataOption, StoreOption
from edgeway.commands.tables import print_table
from edgeway.commands.target import EXIT_STATUSES, StackOption, Target, open_target
from edgeway.commands.upstreams.operator import Operator, read_operator

app = typer.Typer(epilog=EXIT_STATUSES)

_ANYBODY = KeyRecord(id="", name="", hint="", created=0)


@dataclass(frozen=True, slots=True)
class _Line:
    """A candidate, or one that is not asked, and what speaks for it or against it."""

    position: str
    name: str
    why: str


@app.command("explain")
def explain(
    model: Annotated[str, typer.Argument(help="The model as a caller names it; auto too.")],
    *,
    key: Annotated[
        str | None, typer.Option(help="For this key: its id or its name. Default: one without limits.")
    ] = None,
    request: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For this request: the JSON body of POST /v1/messages.")
    ] = None,
    session: Annotated[str | None, typer.Option(help="For this session, which has its own keys and weights.")] = None,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Print who is asked for a model, in their order, and who is passed over, each with the reason.

    Without a stack: the providers of this environment and of edgeway.toml, and what the local gateway knows of their
    health. With one: the variables of its messages function, the names of its providers' keys, and its table.
    """
    document = _document(request, model)
    with open_target(stack, store, data) as target:
        operator = read_operator(_variables_of(stack) if stack else os.environ)
        record = _key(target, key)
        lines, told = target.run(_explained(operator, target, document, model, record, session))
    table = Table("", "candidate", "why", box=None, pad_edge=False)
    for line in lines:
        table.add_row(line.position, line.name, line.why)
    print_table(table)
    typer.echo(told)
    if stack:
        typer.echo(
            f"Rules and aliases are those of {read_settings(operator.variables).configuration} on this machine; the "
            "stack has them since it was last deployed. Several keys in one value count as one: no value was read."
        )


def _variables_of(stack: str) -> Mapping[str, str]:
    """The variables of a stack, with the edgeway.toml of this machine."""
    from gateway.aws.boto3_client import open_boto3_client

    from edgeway.aws.deployed_variables import deployed_variables
    from edgeway.aws.stack import find_stack

    found = find_stack(open_boto3_client("cloudformation"), stack)
    here = {"EDGEWAY_CONFIG": os.environ.get("EDGEWAY_CONFIG", "")}
    return deployed_variables(open_boto3_client("lambda"), found) | here


def _document(request: Path | None, model: str) -> JsonObject:
    try:
        text = "{}" if request is None else request.read_text(encoding="utf-8")
        members = read_object(text).members if text.lstrip().startswith("{") else None
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--request") from error
    if members is None:
        raise typer.BadParameter("the file must hold the body of a request, a JSON object", param_hint="--request")
    return read_object(json.dumps({**members, "model": model}))


def _key(target: Target, key: str | None) -> KeyRecord:
    if key is None:
        return _ANYBODY
    return target.run(target.keyring.one(key)).record


async def _explained(
    operator: Operator, target: Target, document: JsonObject, model: str, key: KeyRecord, session: str | None
) -> tuple[list[_Line], str]:
    """The lines, and what is to be said below them. A refusal ends the command."""

    async def environ() -> Mapping[str, str]:
        return operator.variables

    directory = ModelDirectory(operator.configuration, environ=environ, clock=time.monotonic)
    chooser = Chooser(directory.routes, directory.route, lambda _: None, lambda _: None, directory.tiers)
    facts = request_facts(document.members, model=model, length=len(document.text), is_sub_agent=False, session=session)
    try:
        chosen = await chooser.choose(document, model, key, {}, session)
    except ApiError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from error
    asked = with_keys(chosen.candidates, session, 0)
    health = await _health(target, asked)
    reasons = {each.name: _reason(each, chosen, operator, facts) for each in asked}
    lines = _asked(asked, health, facts, reasons)
    passed_over = await _passed_over(directory, chosen, facts, key)
    return [*lines, *passed_over], _below(chosen, directory, facts, document)


async def _health(target: Target, candidates: Sequence[Candidate]) -> Health:
    health = Health()
    for provider in {candidate.provider.id for candidate in candidates}:
        health.hear(await target.health.of(provider))
    return health


def _asked(
    candidates: Sequence[Candidate], health: Health, facts: RequestFacts, reasons: Mapping[str, str]
) -> list[_Line]:
    """Those that are asked in their order, then those that are set aside."""
    now = time.time()
    fit: list[_Line] = []
    aside: list[_Line] = []
    has_pool = {each.provider.id for each in candidates if each.provider.key_number > 1}
    for candidate in candidates:
        standing = health.standing(candidate, now)
        name = candidate.name
        if candidate.provider.id in has_pool:
            name += f" (key {candidate.provider.key_number})"
        why = f"{reasons[candidate.name]}; {_facts_of(candidate, facts)}"
        if standing.state == "open":
            aside.append(_Line("-", name, f"set aside for {standing.until - now:.0f} s: {standing.reason}; {why}"))
        else:
            probe = "is tried again after " + standing.reason + "; " if standing.state == "half_open" else ""
            fit.append(_Line(str(len(fit) + 1), name, probe + why))
    return fit + aside


def _reason(candidate: Candidate, chosen: Chosen, operator: Operator, facts: RequestFacts) -> str:
    """Why it is among the candidates."""
    if chosen.rule is not None and chosen.rule.use:
        return f"stands in the rule {chosen.rule.name}"
    if facts.model == AUTO:
        return "can do what the request needs"
    if facts.model in operator.configuration.aliases:
        return f"stands behind the alias {facts.model}"
    if candidate.provider.provider.makes and stem(candidate.model).startswith(candidate.provider.provider.makes):
        return "makes the model"
    if candidate.provider.id in operator.configuration.preferred:
        return "serves it, and is preferred"
    return "serves it"


def _facts_of(candidate: Candidate, facts: RequestFacts) -> str:
    cost = expected_cost(candidate, facts)
    price = f"about ${cost / 1_000_000:.4f} for this request" if isfinite(cost) else "without a price"
    lacking = can_serve(candidate, facts)
    return f"{price}; but it {lacking}" if lacking else price


async def _passed_over(directory: ModelDirectory, chosen: Chosen, facts: RequestFacts, key: KeyRecord) -> list[_Line]:
    """Who serves the model, or stands in the rule, and is not asked."""
    names = {candidate.name for candidate in chosen.candidates}
    routes = directory.routes
    lines: dict[str, _Line] = {}
    targets = chosen.rule.use if chosen.rule else ()
    if facts.model == AUTO:
        targets = targets or routes.auto or tuple(await directory.tiers())
    for target in (*targets, facts.model):
        try:
            offered = await directory.route(target, _ANYBODY)
        except ApiError as error:
            if target in targets:
                lines[target] = _Line("-", target, error.message.rpartition(". ")[2])
            continue
        for each in offered:
            if each.name in names:
                continue
            if not is_allowed(routes, each, facts.model, key):
                why = "this key may not use it"
            else:
                why = can_serve(each, facts) or "its rule asks others"
            lines[each.name] = _Line("-", each.name, why)
    return [*lines.values(), *await _not_configured(directory, facts.model)]


async def _not_configured(directory: ModelDirectory, model: str) -> list[_Line]:
    """One line for all providers that serve the model and have no key here."""
    configured = await directory.configured()
    known = (
        directory.providers.get(name) for name in directory.catalogue.providers_of(model) if name not in configured
    )
    askable = [each for each in known if each is not None and each.base_url and not each.local]
    if not askable or model == AUTO:
        return []
    askable.sort(key=lambda each: not stem(model).startswith(each.makes))
    ways = ", ".join(f"{each.id} ({each.how_to_configure()})" for each in askable[:3])
    return [
        _Line("-", f"{len(askable)} others", f"serve it and are not configured: {ways}{' …' if askable[3:] else ''}")
    ]


def _below(chosen: Chosen, directory: ModelDirectory, facts: RequestFacts, document: JsonObject) -> str:
    rule = chosen.rule
    order = (rule and rule.order) or directory.routes.order
    by = f"rule {rule.name}" if rule else "no rule"
    roles = ", ".join(sorted(facts.roles))
    return (
        f"By {by}, in the order {order}; roles: {roles}; about {facts.tokens:,} tokens. "
        f"One request asks {MOST_ASKED} at most.{_hedged(rule, document)}"
    )


def _hedged(rule: RouteRule | None, document: JsonObject) -> str:
    if rule is None or not rule.hedge:
        return ""
    if not is_repeatable(document.members):
        return " It is not hedged: its tools run at the upstream, or it names a container."
    return " It is hedged: the next is asked too where one is slower than 95 of 100; who is slower is outrun."
