"""Takes a key as an option, and hides it from the list of processes."""

import os
import sys
from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Final

import typer

KEY_VARIABLE: Final = "EDGEWAY_KEY"
HOW_TO_HIDE_A_KEY: Final = "A command line can be read by others for a moment: --key-file is for a secret."
HIDDEN_KEY: Final = "--key-file=/dev/fd/"
"""What stands for a key in the list of processes, before a number."""
_WITH_A_SECRET: Final = frozenset({"local", "clients", "keys", "doctor"})
"""To the others `--key` is the name of one."""
_LONGEST: Final = 1024

KeyFileOption = Annotated[
    typer.FileText | None,
    typer.Option("--key-file", metavar="FILE", help="Read the key from this file; - is standard input."),
]


def chosen_key(key: str | None, file: typer.FileText | None) -> str | None:
    """The key of the options. A file counts before a variable."""
    return key if file is None else file.read(_LONGEST).strip()


def hide_key(arguments: Sequence[str], called: Sequence[str]) -> None:
    """Begin anew without the key in the command line, if one is there: it comes through a pipe instead.

    `arguments` are the program's, with its name; `called` those of the interpreter (`sys.orig_argv`), which end so.
    """
    if len(arguments) > 1 and arguments[1] in _WITH_A_SECRET:
        interpreters = called[: len(called) - len(arguments) + 1]
        hidden = _hidden(arguments[1:])
        if hidden != list(arguments[1:]):
            os.execv(sys.executable, [*interpreters, *hidden])  # noqa: S606 the same program


def _hidden(words: Sequence[str]) -> list[str]:
    hidden = list[str]()
    rest = iter(words)
    for word in rest:
        option, assigned, key = word.partition("=")
        if option != "--key":
            hidden.append(word)
        elif assigned:
            hidden.append(_in_a_pipe(key))
        else:  # the command says what is missing where nothing follows
            hidden += [_in_a_pipe(value) for value in islice(rest, 1)] or [word]
    return hidden


def _in_a_pipe(key: str) -> str:
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)  # noqa: FBT003 its one form
    with os.fdopen(writer, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(key[:_LONGEST])
    return f"{HIDDEN_KEY}{reader}"
