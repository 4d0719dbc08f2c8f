"""`edgeway clients`: what to set in a client, so that it asks the gateway."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from edgeway.clients import CLIENTS, Gateway
from edgeway.commands.key_option import KEY_VARIABLE, KeyFileOption, chosen_key
from edgeway.commands.store_setting import DataOption, local_store
from edgeway.local.console.announcement import running_gateway
from edgeway.local.console.terminal import printable
from edgeway.local.development_key import data_folder, development_key

app = typer.Typer()

PLACEHOLDER: Final = "YOUR_KEY"


@app.command("clients")
def clients(
    name: Annotated[str, typer.Argument(help="One of them: " + ", ".join(CLIENTS))] = "",
    url: Annotated[str | None, typer.Option(help="A gateway elsewhere: the address of its stage, without /v1.")] = None,
    key: Annotated[
        str | None, typer.Option(envvar=KEY_VARIABLE, help="What it accepts. Default: the local gateway's own key.")
    ] = None,
    key_file: KeyFileOption = None,
    model: Annotated[str | None, typer.Option(help="What to ask for. Default: what the local gateway offers.")] = None,
    data: DataOption = None,
) -> None:
    """Print what to set in Claude Code, OpenCode, Kilo Code, Cline, the SDKs or curl."""
    if not name:
        width = max(map(len, CLIENTS))
        typer.echo("\n".join(f"edgeway clients {known:<{width}}  {CLIENTS[known].title}" for known in CLIENTS))
        return
    if name not in CLIENTS:
        raise typer.BadParameter(f"{printable(name)} is none of {', '.join(CLIENTS)}", param_hint="NAME")
    client, gateway = CLIENTS[name], _gateway(url, chosen_key(key, key_file), model, data)
    typer.echo(f"{client.title}: {client.where}", err=True)  # so that standard output can go where the lines belong
    typer.echo("\n".join(client.lines(gateway)))


def _gateway(url: str | None, key: str | None, model: str | None, data: Path | None) -> Gateway:
    folder = data_folder(local_store(data))
    local = running_gateway(folder, key or development_key(folder) or PLACEHOLDER)
    if url is None and local is not None:
        return local if model is None else Gateway.with_one_model(local.url, local.key, model)
    if url is None or model is None:
        typer.echo("No gateway runs on this machine. Start one (edgeway local), or give --url and --model.", err=True)
        sys.exit(1)
    return Gateway.with_one_model(url.rstrip("/"), key or PLACEHOLDER, model)
