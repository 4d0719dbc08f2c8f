"""`edgeway config check`: what edgeway.toml means, or what is wrong in it."""

from collections.abc import Iterator

import typer
from gateway.routing.providers import all_providers
from gateway.routing.resolve import RoutingError, resolve
from rich.table import Table

from edgeway.commands.tables import print_table
from edgeway.commands.upstreams.models import price_columns, token_column
from edgeway.commands.upstreams.operator import Operator, read_operator

app = typer.Typer(no_args_is_help=True, help="Check the operator's file, edgeway.toml.")

Line = tuple[str, str, str]
"""What it is about, what is written, and what it means now."""


@app.callback()
def config() -> None:
    """Check the operator's file, edgeway.toml."""


@app.command()
def check() -> None:
    """Say what edgeway.toml means, or all its mistakes with their lines. EDGEWAY_CONFIG names another file."""
    operator = read_operator()
    lines = [*_names(operator), *_routes(operator), *_providers(operator), *_models(operator)]
    if not lines:
        typer.echo("edgeway.toml is right, and changes nothing.")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for line in lines:
        table.add_row(*line)
    print_table(table)


def _names(operator: Operator) -> Iterator[Line]:
    configuration = operator.configuration
    if configuration.default_model is not None:
        yield "default model", configuration.default_model, _answering(operator, configuration.default_model)
    for alias, targets in configuration.aliases.items():
        yield "alias", f"{alias} = {', '.join(targets)}", _answering(operator, alias)


def _routes(operator: Operator) -> Iterator[Line]:
    routes = operator.configuration.routes
    for rule in routes.rules:
        conditions = (rule.roles, rule.models, rule.keys, rule.owners)
        which = "; ".join(", ".join(sorted(each)) for each in conditions if each) or "every request"
        used = [_answering(operator, target) for target in rule.use]
        yield "route", f"{rule.name}: {which}", "; ".join(used) or "in its order and with its parameters"
    for who, patterns in (*routes.of_key.items(), *routes.of_owner.items()):
        yield "allowed", who, ", ".join(patterns)
    if routes.order != "list":
        yield "order", routes.order, ""


def _answering(operator: Operator, model: str) -> str:
    try:
        candidates = resolve(model, operator.configuration, operator.configured)
    except RoutingError as refusal:
        return f"nobody yet: {str(refusal).rpartition('. ')[2]}"
    return f"now {', then '.join(each.name for each in candidates)}"


def _providers(operator: Operator) -> Iterator[Line]:
    configuration = operator.configuration
    if configuration.preferred:
        configured = [name for name in configuration.preferred if name in operator.configured]
        yield "prefer", ", ".join(configuration.preferred), f"now {', '.join(configured) or 'none of them'}"
    for name, provider in configuration.providers.items():
        if provider != all_providers().get(name):
            can_be_asked = name in operator.configured
            meaning = "can be asked now" if can_be_asked else f"not configured: set {provider.how_to_configure()}"
            yield "provider", f"{name} at {provider.base_url}", meaning


def _models(operator: Operator) -> Iterator[Line]:
    for facts in operator.configuration.catalogue.own:
        price_in, price_out, _ = price_columns(facts.prices)
        price = f"${price_in} in, ${price_out} out per million tokens" if facts.prices else "without a price"
        limits = (
            f"{token_column(facts.context_window) or '?'} tokens, {token_column(facts.max_output_tokens) or '?'} out"
        )
        yield "model", f"{facts.provider}/{facts.id}", f"{limits}; {price}; {' '.join(sorted(facts.capabilities))}"
