"""The options that `edgeway local` and `edgeway serve` have in common."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from edgeway.local.web.limits import Limits

MAX_STREAMS: Final = Limits().streams

ProcessesOption = Annotated[
    int,
    typer.Option(min=1, help="Processes that share the port. One uses one processor core; a single caller wants one."),
]
MaxStreamsOption = Annotated[
    int, typer.Option(min=1, help="Answers that a process gives at once, for each function; callers wait beyond it.")
]

EndRevokedOption = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        min=1,
        envvar="EDGEWAY_END_REVOKED",
        help="Look so often for keys that were revoked or have expired, and end their running answers with an error. "
        "Default: such an answer goes on to its end.",
    ),
]
AllowedHostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-host",
        metavar="NAME",
        envvar="EDGEWAY_ALLOWED_HOSTS",
        help="A host name that callers use, beside addresses and names without a dot; repeat it. "
        "*.example.com: those below it; *: every name, where a proxy checks them.",
    ),
]


def _gone(value: int | None) -> None:
    if value is not None:
        raise typer.BadParameter(
            "there are no workers any more: one process serves thousands of answers at once. "
            "Say --max-streams N for how many, and --processes N for how many cores"
        )


GoneOption = Annotated[int | None, typer.Option(hidden=True, callback=_gone)]
"""What workers were counted with."""
