"""Reads what the operator has set up: edgeway.toml and the providers with keys."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import typer
from gateway.routing.configuration import Configuration
from gateway.routing.directory import configuration_of
from gateway.routing.providers import ConfiguredProvider, configured_providers
from gateway.settings import read_settings
from gateway.toml_document import DocumentError


@dataclass(frozen=True, slots=True)
class Operator:
    """The file and the providers, as the functions see them with these variables."""

    configuration: Configuration
    configured: dict[str, ConfiguredProvider]
    variables: Mapping[str, str]


def read_operator(variables: Mapping[str, str] | None = None) -> Operator:
    """Read what these variables set up; None: those of this process. A mistake ends the command and names its place."""
    variables = os.environ if variables is None else variables
    try:
        configuration = configuration_of(read_settings(variables))
    except DocumentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    try:
        return Operator(configuration, configured_providers(variables, configuration.providers), variables)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
