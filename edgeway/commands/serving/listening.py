"""Takes the port of a command; where it is taken, says which command has one that is free."""

import errno
import os
import shlex
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise

import typer

from edgeway.commands.key_option import HIDDEN_KEY
from edgeway.local.web.addresses import bind

STARTED_BY = "EDGEWAY_STARTED_BY"
"""The variable in which the Makefile says what a person has called."""
TRIED_PORTS = 100


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there, or the end of the command."""
    try:
        return bind(host, port)
    except OSError as error:
        told = f"Cannot listen on {host}:{port}: {error.strerror}"
        if error.errno == errno.EADDRINUSE:
            other = again(sys.argv[1:], free_port(host, port), called_as(), os.environ)
            told = f"Port {port} is in use. Stop what listens there, or take another: {other}"
        typer.echo(told, err=True)
        raise typer.Exit(1) from error


def called_as() -> str:
    """How `edgeway` is called here, for a shell: `make run` has it in .venv only."""
    program, found = sys.argv[0], shutil.which("edgeway")
    if found and os.path.realpath(found) == os.path.realpath(program):
        return "edgeway"
    if os.path.basename(program) == "__main__.py":  # noqa: PTH119 a text of the command line
        return shlex.join([sys.executable, "-m", "edgeway"])
    return shlex.quote(os.path.relpath(program))


def again(arguments: Sequence[str], port: int, edgeway: str, environment: Mapping[str, str]) -> str:
    """The command that was given, with another port, for a shell. A key is not repeated."""
    command, *options = arguments
    options = list(_without_port(_without_key(options)))
    made = environment.get(STARTED_BY)
    if made is None:
        return f"{edgeway} {shlex.join([command, *options, '--port', str(port)])}"
    # To make, a dollar begins a variable of its own.
    rest = f" ARGS={shlex.quote(shlex.join(options).replace('$', '$$'))}" if options else ""
    return f"{made} PORT={port}{rest}"


def free_port(host: str, port: int) -> int:
    """The first free port after this one; 0, which takes any, where the next hundred are taken too."""
    for candidate in range(port + 1, min(port + TRIED_PORTS, 65535) + 1):
        try:
            bind(host, candidate).close()
        except OSError:
            continue
        return candidate
    return 0


def _without_port(options: Sequence[str]) -> Sequence[str]:
    return [
        option
        for before, option in pairwise(["", *options])
        if before != "--port" and option != "--port" and not option.startswith("--port=")
    ]


def _without_key(options: Sequence[str]) -> Sequence[str]:
    return [
        "…" if before == "--key" else "--key=…" if option.startswith(("--key=", HIDDEN_KEY)) else option
        for before, option in pairwise(["", *options])
    ]
