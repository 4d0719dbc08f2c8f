"""`edgeway serve`: the gateway in a container, in production."""

import asyncio
import os
from contextlib import closing, nullcontext
from typing import Annotated, NoReturn

import typer
import uvloop
from gateway.routing.directory import configuration_of
from gateway.routing.providers import configured_providers
from gateway.settings import read_settings
from gateway.storage.open import open_store
from gateway.storage.protocol import StoreError

from edgeway.commands.serving.listening import listen
from edgeway.commands.serving.serving_options import (
    MAX_STREAMS,
    AllowedHostOption,
    EndRevokedOption,
    GoneOption,
    MaxStreamsOption,
    ProcessesOption,
)
from edgeway.commands.store_setting import StoreOption
from edgeway.commands.target import explaining_aws
from edgeway.container.serving import Service, UnusableError, log_lines
from edgeway.container.serving import serve as serve_until_stopped
from edgeway.local.api_gateway.template import TemplateError
from edgeway.local.web.hosts import Hosts

app = typer.Typer()


@app.command("serve")
def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "0.0.0.0",  # noqa: S104 a container's own
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="0 takes any free port.")] = 8080,
    provider_keys: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            envvar="EDGEWAY_PROVIDER_KEYS",
            help="Where the providers' keys lie: /edgeway/providers/ in SSM Parameter Store, or "
            "secretsmanager:/edgeway/providers/. Variables (OPENAI_API_KEY, …) go over them.",
        ),
    ] = None,
    processes: ProcessesOption = 1,
    max_streams: MaxStreamsOption = MAX_STREAMS,
    max_waiting: Annotated[
        int,
        typer.Option(min=1, help="Callers of a process that wait for that, 10 seconds at most; others are told 529."),
    ] = 256,
    max_connections: Annotated[int, typer.Option(min=1, help="Open connections of a process.")] = 10_000,
    max_connections_of_one_address: Annotated[
        int, typer.Option(min=1, help="Of one address; a load balancer is one, or a few.")
    ] = 5_000,
    max_body: Annotated[int, typer.Option(min=1, help="Megabytes of one request's body; more is a 413.")] = 32,
    max_bodies: Annotated[
        int, typer.Option(min=1, help="Megabytes of the bodies of all running requests; beyond it is a 529.")
    ] = 256,
    deadline: Annotated[float, typer.Option(min=1, help="Seconds that an answer may take.")] = 3600,
    idle_timeout: Annotated[
        int, typer.Option(min=1, help="The load balancer's, in seconds. A whole answer ends before it.")
    ] = 4000,
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds after SIGTERM for running answers; those left end in an error event.")
    ] = 20,
    allowed_host: AllowedHostOption = None,
    end_revoked: EndRevokedOption = None,
    max_workers: GoneOption = None,  # noqa: ARG001 its callback says what has become of it
) -> None:
    """Run the gateway in a container: the same functions without Lambda's limits, for a load balancer.

    It makes no key and brings no model: keys come from --store (edgeway keys create --store …), providers from the
    environment or from --provider-keys. It logs JSON lines to standard output. docs/container.md says how to run it.
    """
    if not store:
        raise typer.BadParameter("name the store: dynamodb:<table>, or sqlite:<path>", param_hint="--store")
    environment = {**os.environ, **({"EDGEWAY_PROVIDER_KEYS": provider_keys} if provider_keys else {})}
    service = Service(
        store=store,
        environment=environment,
        processes=processes,
        streams=max_streams,
        waiting=max_waiting,
        connections=max_connections,
        connections_of_one_address=max_connections_of_one_address,
        largest_body=max_body,
        bodies_together=max(max_body, max_bodies),
        deadline=deadline,
        idle_timeout=idle_timeout,
        drain=drain,
        hosts=Hosts.of([host, *(allowed_host or ())]),
        end_revoked=end_revoked,
    )
    _check(service)
    settings = service.settings()
    with listen(host, port) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(serve_until_stopped(settings, listener, log_lines(settings)))
        except (TemplateError, UnusableError) as error:
            _fail(str(error))


def _check(service: Service) -> None:
    """Say at once, and with what to do about it, what every request would fail with."""
    is_on_aws = service.store.startswith("dynamodb:")
    try:
        with explaining_aws() if is_on_aws else nullcontext():
            _read_from(service.store)
        configuration = configuration_of(read_settings(service.environment))
        configured_providers(service.environment, configuration.providers)
    except (OSError, StoreError) as error:
        _fail(f"The store {service.store} cannot be used: {error}")
    except ValueError as error:  # a mistake in edgeway.toml, in a variable or in the store's name
        _fail(str(error))


def _read_from(store: str) -> None:
    with closing(open_store(store)) as opened:
        try:
            asyncio.run(opened.get("KEY#", "META"))
        except Exception as error:
            error.add_note(f"The store is {store}.")  # AWS does not say which table it misses
            raise


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
