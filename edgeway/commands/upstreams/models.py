"""`edgeway models`: the catalogue, searched."""

import json
from collections.abc import Container
from dataclasses import asdict
from typing import Annotated, Any

import typer
from gateway.routes.model_order import askable_models
from gateway.routing.model_facts import ModelFacts, Prices
from gateway.routing.served_models import with_servings
from rich.table import Table

from edgeway.commands.tables import print_table
from edgeway.commands.upstreams.operator import read_operator
from edgeway.served_models import ServerLists

app = typer.Typer()


@app.command("models")
def models(
    search: Annotated[str, typer.Argument(help="Words of the id or the name.")] = "",
    provider: Annotated[str | None, typer.Option(help="Only this provider's models.")] = None,
    *,
    prices: Annotated[bool, typer.Option("--prices", help="Show every price, tiers and caches included.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the models that can be asked for, with their limits and prices.

    Without a search: those that can be asked now, or all where no provider is configured. The operator's own servers
    are asked what they serve, and Anthropic what the account may use.
    """
    operator = read_operator()
    servings = ServerLists().ask(operator.configured)
    catalogue = with_servings(operator.configuration.catalogue, operator.configured, servings)
    askable = {_name(facts): position for position, facts in enumerate(askable_models(catalogue, operator.configured))}
    found = [facts for facts in catalogue.search(search) if provider in (None, facts.provider)]
    if not search and provider is None and operator.configured:
        found = [facts for facts in found if _name(facts) in askable]
    found.sort(key=lambda facts: (askable.get(_name(facts), len(askable)), facts.provider, facts.id))
    if as_json:
        typer.echo(json.dumps([_as_json(facts, askable) for facts in found], indent=2))
        return
    print_table(_price_table(found) if prices else _table(found, askable))
    typer.echo(f"{len(found)} models; data of {catalogue.header.date}. ● can be asked now. Dollars per million tokens.")


def _name(facts: ModelFacts) -> str:
    return f"{facts.provider}/{facts.id}"


def _as_json(facts: ModelFacts, askable: Container[str]) -> dict[str, Any]:
    return asdict(facts) | {"capabilities": sorted(facts.capabilities), "configured": _name(facts) in askable}


def _table(found: list[ModelFacts], askable: Container[str]) -> Table:
    table = Table("", "model", box=None, pad_edge=False)
    for heading in ("context", "output", "in", "out", "cached"):
        table.add_column(heading, justify="right")
    table.add_column("takes")
    table.add_column("status")
    for facts in found:
        table.add_row(
            "●" if _name(facts) in askable else "",
            _name(facts),
            token_column(facts.context_window),
            token_column(facts.max_output_tokens),
            *price_columns(facts.prices),
            " ".join(word for word in ("reasoning", "tools", "images", "pdf") if word in facts.capabilities),
            facts.status or "",
        )
    return table


def _price_table(found: list[ModelFacts]) -> Table:
    """A line for each model, and for each of its tiers; what is empty is not priced apart."""
    table = Table("model", box=None, pad_edge=False)
    for heading in ("above", "in", "cache read", "cache write", "write 1 h", "out", "thinking", "request", "search"):
        table.add_column(heading, justify="right")
    for facts in found:
        for tier in facts.prices:
            write = None if tier.cache_write is None and tier.cache_write_1h is None else tier.hour_write
            priced = (tier.input, tier.cache_read, tier.cache_write, write, tier.output, tier.reasoning)
            fees = (tier.request or None, tier.web_search or None)
            above = token_column(tier.above or None)
            columns = ("" if price is None else f"{price / 1_000_000:g}" for price in (*priced, *fees))
            table.add_row(_name(facts), above, *columns)
        if not facts.prices:
            table.add_row(_name(facts), "no price")
    return table


def token_column(count: int | None) -> str:
    """A count of tokens; empty where it is not known."""
    return "" if count is None else f"{count:,}"


def price_columns(tiers: tuple[Prices, ...]) -> tuple[str, str, str]:
    """Input, output and cached input; of several tiers the first and the last, as in `1.25 … 2.5`."""
    ends = (tiers[0], tiers[-1]) if len(tiers) > 1 else tiers
    return (
        _range([tier.input for tier in ends]),
        _range([tier.output for tier in ends]),
        _range([tier.cache_read for tier in ends if tier.cache_read is not None]),
    )


def _range(prices: list[int]) -> str:
    return " … ".join(f"{micro_dollars / 1_000_000:g}" for micro_dollars in dict.fromkeys(prices))
