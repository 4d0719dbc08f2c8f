"""Reads what the operator has set up: edgeway.toml and the providers with keys."""

import os
from dataclasses import dataclass

import typer
from gateway.routing.configuration import Configuration
from gateway.routing.directory import configuration_of
from gateway.routing.providers import ConfiguredProvider, configured_providers
from gateway.settings import read_settings
from gateway.toml_document import DocumentError


@dataclass(frozen=True, slots=True)
class Operator:
    """Both, as the functions would see them here."""

    configuration: Configuration
    configured: dict[str, ConfiguredProvider]


def read_operator() -> Operator:
    """The operator of this environment; a mistake of theirs ends the command with its place."""
    try:
        configuration = configuration_of(read_settings(os.environ))
    except DocumentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    try:
        return Operator(configuration, configured_providers(os.environ, configuration.providers))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
