"""`edgeway providers`: whom the gateway can ask, and what to set for those it cannot ask yet."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from gateway.routing.providers import ConfiguredProvider, Provider
from rich.table import Table

from edgeway.commands.tables import print_table
from edgeway.commands.target import EXIT_STATUSES
from edgeway.commands.upstreams.operator import read_operator
from edgeway.commands.upstreams.providers_set import set_key

app = typer.Typer(epilog=EXIT_STATUSES)
app.command("set")(set_key)


@app.callback(invoke_without_command=True)
def providers(
    context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show every provider, the configured ones first, and the variables that configure them."""
    if context.invoked_subcommand:
        return
    operator = read_operator()
    configured = operator.configured
    everyone = sorted(operator.configuration.providers.values(), key=lambda provider: provider.id not in configured)
    if as_json:
        typer.echo(json.dumps([_as_json(provider, configured) for provider in everyone], indent=2))
        return
    print_table(_table(everyone, configured))
    typer.echo(f"{len(everyone)} providers, {len(configured)} configured (●).")


def _as_json(provider: Provider, configured: Mapping[str, ConfiguredProvider]) -> dict[str, Any]:
    return {
        "id": provider.id,
        "name": provider.name,
        "also_called": provider.names,
        "configured": provider.id in configured,
        "base_url": _base_url(provider, configured),
        "key_variables": provider.key_variables,
        "base_url_variables": provider.base_url_variables,
        "also_needs": provider.base_url_needs,
        "authentication": provider.authentication,
        "dialect": provider.dialect,
        "local": provider.local,
        "tiers": None if provider.tiers is None else dict(provider.tiers),
    }


def _table(everyone: list[Provider], configured: Mapping[str, ConfiguredProvider]) -> Table:
    table = Table("", "provider", "name", "endpoint", "set", box=None, pad_edge=False)
    for provider in everyone:
        table.add_row(
            "●" if provider.id in configured else "",
            provider.id,
            provider.name,
            _base_url(provider, configured),
            provider.how_to_configure(),
        )
    return table


def _base_url(provider: Provider, configured: Mapping[str, ConfiguredProvider]) -> str:
    return configured[provider.id].base_url if provider.id in configured else provider.base_url
