"""How a new key is handed over: shown once, and on a stack only left when API Gateway knows it."""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer
from gateway.access.key_records import KeyRecord

from edgeway.commands.callers.key_tables import print_new_key

ROUTE: Final = "/v1/usage"
"""It asks for a key and does little."""
WaitOption = Annotated[
    int,
    typer.Option(
        min=0,
        envvar="EDGEWAY_WAIT_SECONDS",
        help="On a stack: seconds to wait at most until API Gateway knows the key; 0 waits for nothing.",
    ),
]
WAIT: Final = 90


def hand_over(key: str, record: KeyRecord, base_url: str, *, wait: int, as_json: bool) -> None:
    """Show the key, then wait: who interrupts the waiting has it already."""
    print_new_key(key, record, base_url, as_json=as_json)
    if base_url and wait:
        _wait_until_it_works(key, base_url, wait)


def _wait_until_it_works(key: str, base_url: str, wait: int) -> None:
    import httpx  # slow to load, and wanted for AWS alone

    from edgeway.aws.admittance import wait_until_known

    def ask() -> int:
        return client.get(f"{base_url}{ROUTE}", headers={"x-api-key": key}).status_code

    def told() -> None:
        typer.echo(f"Waiting until API Gateway knows the key, {wait} s at most …", err=True)

    try:
        with httpx.Client(timeout=30) as client:
            found = wait_until_known(ask, clock=time.monotonic, pause=time.sleep, told=told, limit=wait)
    except httpx.HTTPError as error:
        typer.echo(
            f"{base_url} cannot be asked from here ({type(error).__name__}). "
            "API Gateway may need a minute to know the key.",
            err=True,
        )
        return
    if found.is_known:
        typer.echo(f"API Gateway knows the key, after {found.seconds:.0f} s.", err=True)
    else:
        typer.echo(
            f"After {wait} s API Gateway still refuses the key. Try it in a minute; `edgeway doctor` says more.",
            err=True,
        )
