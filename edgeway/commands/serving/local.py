"""`edgeway local`: the gateway on this machine."""

import asyncio
import enum
import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvloop
from dotenv import dotenv_values
from gateway.storage.protocol import StoreError

from edgeway import small_model
from edgeway.aws.bedrock import aws_environment
from edgeway.commands.key_option import HOW_TO_HIDE_A_KEY, KEY_VARIABLE, KeyFileOption, chosen_key
from edgeway.commands.serving.listening import STARTED_BY, called_as, listen
from edgeway.commands.serving.serving_options import (
    MAX_STREAMS,
    AllowedHostOption,
    EndRevokedOption,
    GoneOption,
    MaxStreamsOption,
    ProcessesOption,
)
from edgeway.commands.store_setting import DataOption, local_store, unusable_store
from edgeway.local.api_gateway.template import TemplateError
from edgeway.local.built_in import demo_environment, small_model_environment
from edgeway.local.console.announcement import announced
from edgeway.local.console.screen import start_screen
from edgeway.local.console.terminal import Terminal
from edgeway.local.development_key import data_folder, ensure_development_key
from edgeway.local.offer import Offer, make_offer, with_window
from edgeway.local.processes.settings import TEMPLATE, Settings
from edgeway.local.serve import serve
from edgeway.local.web.addresses import local_url
from edgeway.local.web.hosts import Hosts
from edgeway.local.web.limits import Limits
from edgeway.model_process import ModelServerError

app = typer.Typer()

ENVIRONMENT_FILE = Path(".env")


class Model(enum.StrEnum):
    """The models that can be started with the gateway."""

    SMOLLM2 = small_model.MODEL


@app.command("local")
def local(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 3000,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    key: Annotated[
        str | None,
        typer.Option(
            envvar=KEY_VARIABLE, help=f"Accept this key. Default: one is made once, and kept. {HOW_TO_HIDE_A_KEY}"
        ),
    ] = None,
    key_file: KeyFileOption = None,
    data: DataOption = None,
    env_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, help="Variables for the functions. Default: .env, if there is one."),
    ] = None,
    model: Annotated[
        Model | None, typer.Option(help="Run this small real model too, and let it answer by default.")
    ] = None,
    processes: ProcessesOption = 1,
    max_streams: MaxStreamsOption = MAX_STREAMS,
    allowed_host: AllowedHostOption = None,
    end_revoked: EndRevokedOption = None,
    template: Annotated[Path, typer.Option(metavar="FILE", exists=True, help="What to serve.")] = TEMPLATE,
    workers: GoneOption = None,  # noqa: ARG001 its callback says what has become of it
    *,
    reload: Annotated[bool, typer.Option(help="Restart the functions when their source changes.")] = True,
    bedrock: Annotated[
        bool,
        typer.Option("--bedrock", help="Ask Amazon Bedrock with your AWS credentials (profile, SSO, environment)."),
    ] = False,
) -> None:
    """Run the gateway on this machine: the functions of template.yaml behind its routes."""
    store, terminal = local_store(data), Terminal(sys.stdout, os.environ)
    with listen(host, port) as listener, ExitStack() as stack:
        accepted = _accepted(store, chosen_key(key, key_file))
        offer = _offer(stack, _variables(env_file), model, bedrock=bedrock)
        settings = Settings(
            template=template,
            processes=processes,
            limits=Limits(streams=max_streams),
            hosts=Hosts.of([host, *(allowed_host or ())]),
            end_revoked=end_revoked,
            reload=reload,
            operator=offer.environment,
            forced={"EDGEWAY_STORE": store, "EDGEWAY_TRUST_AUTHORIZER": "false"},
        )
        gateway = offer.gateway(local_url(listener), accepted)
        stack.enter_context(announced(data_folder(store), gateway))
        hint = "" if data is None else f" --data {shlex.quote(str(data))}"
        notes = () if model is None else small_model.ABILITIES
        screen = start_screen(offer, accepted, gateway, terminal, edgeway=called_as(), hint=hint, notes=notes)
        runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        try:
            runner.run(serve(settings, listener, terminal, screen))
        except TemplateError as error:
            _fail(str(error))


def _offer(stack: ExitStack, variables: Mapping[str, str], model: Model | None, *, bedrock: bool) -> Offer:
    """What callers are offered; the models that have to run for it run until the stack is closed."""
    try:
        environment = {**variables, **aws_environment(variables, bedrock=bedrock)}
        if model is not None:
            small = stack.enter_context(small_model_environment(environment))
            return with_window(make_offer({**environment, **small}), small_model.CONTEXT_WINDOW)
        offer = make_offer(environment)
        if offer.configured:
            return offer
        return make_offer({**environment, **stack.enter_context(demo_environment(offer.aliases))})
    except (ModelServerError, ValueError) as error:  # a mistake in edgeway.toml or in a variable is a ValueError
        _fail(str(error))


def _accepted(store: str, key: str | None) -> str:
    try:
        return ensure_development_key(store, key)
    except ValueError as error:
        _fail(str(error))
    except (OSError, StoreError) as error:
        made = os.environ.get(STARTED_BY)
        _fail(unusable_store(error) + (f" ({made} ARGS='--data DIR')" if made else ""))


def _variables(env_file: Path | None) -> dict[str, str]:
    """The environment over KEY=VALUE lines: a variable that is set already keeps its value."""
    values = dotenv_values(env_file or ENVIRONMENT_FILE)
    given = {**{name: value for name, value in values.items() if value is not None}, **os.environ}
    return {name: value for name, value in given.items() if name != KEY_VARIABLE}


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
