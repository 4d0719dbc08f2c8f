"""`edgeway local`: the gateway on this machine."""

import asyncio
import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvloop
from dotenv import dotenv_values

from edgeway.commands.store_setting import DataOption, local_store
from edgeway.local.development_key import ensure_development_key
from edgeway.local.pools import Limits
from edgeway.local.serve import serve
from edgeway.local.server import bind
from edgeway.local.settings import TEMPLATE, Settings
from edgeway.local.template import TemplateError
from edgeway.local.terminal import Terminal

app = typer.Typer()

ENVIRONMENT_FILE = Path(".env")


@app.command("local")
def local(
    port: Annotated[int, typer.Option(help="0 takes any free port.")] = 3000,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    key: Annotated[str | None, typer.Option(help="Accept this key. Default: one is made once, and kept.")] = None,
    data: DataOption = None,
    env_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, help="Variables for the functions. Default: .env, if there is one."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Most workers of one function.")] = 64,
    template: Annotated[Path, typer.Option(metavar="FILE", exists=True, help="What to serve.")] = TEMPLATE,
    *,
    reload: Annotated[bool, typer.Option(help="Restart the functions when their source changes.")] = True,
) -> None:
    """Run the gateway on this machine: the real functions, in the real runtime, behind the routes of template.yaml."""
    store = local_store(data)
    settings = Settings(
        template=template,
        limits=Limits(workers=workers),
        reload=reload,
        operator={**_variables(env_file), **os.environ},
        forced={"EDGEWAY_STORE": store, "EDGEWAY_TRUST_AUTHORIZER": "false"},
    )
    with _listener(host, port) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(serve(settings, listener, _accepted(store, key), Terminal(sys.stdout, os.environ)))
        except TemplateError as error:
            _fail(str(error))


def _listener(host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _fail(f"Port {port} is in use. Stop what listens there, or take another: edgeway local --port {port + 1}")
        _fail(f"Cannot listen on {host}:{port}: {error.strerror}")


def _accepted(store: str, key: str | None) -> str:
    try:
        return ensure_development_key(store, key)
    except ValueError as error:
        _fail(str(error))


def _variables(env_file: Path | None) -> dict[str, str]:
    """Read KEY=VALUE lines; a variable that is set already keeps its value."""
    values = dotenv_values(env_file or ENVIRONMENT_FILE)
    return {name: value for name, value in values.items() if value is not None}


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
