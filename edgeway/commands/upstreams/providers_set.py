"""`edgeway providers set`: keep a provider's key, on AWS for a stack, in .env for this machine.

On this machine it is .env, since `edgeway local` reads that file by itself and git ignores it; a key in the
gateway's own database would be one that nobody finds again.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from dotenv import set_key as set_variable
from gateway.routing.providers import Provider
from gateway.settings import SECRETS_MAX_AGE

from edgeway.commands.target import HOW_TO_NAME_A_STACK, REFUSED, StackOption, explaining_aws
from edgeway.commands.upstreams.operator import read_operator

ENVIRONMENT_FILE = Path(".env")
"""What `edgeway local` reads by itself; its module, which loads the server, is not loaded for that."""


def set_key(
    name: Annotated[str, typer.Argument(help="The provider, or the variable of its key: openai, OPENAI_API_KEY.")],
    stack: StackOption = None,
    env_file: Annotated[
        Path, typer.Option("--env-file", metavar="FILE", help="Without --stack: the file for `edgeway local`.")
    ] = ENVIRONMENT_FILE,
) -> None:
    """Keep a provider's key. It is asked for, or read from standard input; never give it as an argument."""
    variable = _variable(name)
    key = _read_key(variable)
    if stack:
        with explaining_aws():
            from gateway.aws.boto3_client import open_boto3_client

            from edgeway.aws.provider_keys import put_provider_key
            from edgeway.aws.stack import find_stack

            found = find_stack(open_boto3_client("cloudformation"), stack)
            written = put_provider_key(found.provider_keys, variable, key)
        typer.echo(f"{written} is set; every function uses it within {SECRETS_MAX_AGE // 60} minutes.")
    else:
        env_file.touch(mode=0o600)
        set_variable(env_file, variable, key)
        typer.echo(f"{variable} is set in {env_file}; start `edgeway local` again to use it.")
        typer.echo(HOW_TO_NAME_A_STACK, err=True)


def _variable(name: str) -> str:
    """The variable that holds a provider's key, named by itself or by one of the provider's names."""
    for provider in read_operator().configuration.providers.values():
        if name in provider.key_variables:
            return name
        if name.lower() in (provider.id, *provider.names):
            return _variable_of(provider)
    typer.echo(f"There is no provider {name!r}. See: edgeway providers", err=True)
    raise typer.Exit(REFUSED)


def _variable_of(provider: Provider) -> str:
    if provider.needs_key:
        return provider.key_variables[0]
    typer.echo(f"{provider.name} needs no key: set {provider.how_to_configure()}.", err=True)
    raise typer.Exit(REFUSED)


def _read_key(variable: str) -> str:
    typed = typer.prompt(variable, hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key = str(typed).strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        typer.echo(
            "That is no key: it is empty, or holds spaces or line ends. Nothing was changed. "
            "Copy the key alone, and try again.",
            err=True,
        )
        raise typer.Exit(REFUSED)
    return key
