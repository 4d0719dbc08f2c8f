"""Which store a command works on: the local gateway's own, unless told otherwise."""

import os
from pathlib import Path
from typing import Annotated

import typer
from gateway.storage.protocol import StoreError

from edgeway.local.processes.settings import data_directory

DATABASE = "edgeway.db"

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        file_okay=False,
        help="The data folder of the local gateway. Default: the user's data folder.",
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="STORE",
        envvar="EDGEWAY_STORE",
        help="sqlite:<path> or dynamodb:<table>, instead of a data folder.",
    ),
]


def local_store(data: Path | None) -> str:
    """The setting of the embedded store in a data folder."""
    folder = (data or data_directory(os.environ)).expanduser().absolute()
    return f"sqlite:{folder / DATABASE}"


def unusable_store(error: OSError | StoreError) -> str:
    """What to tell of an embedded store whose file cannot be made, opened or used."""
    cause = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
    return f"The data folder cannot be used: {cause}. Name another one: --data DIR"


def store_setting(store: str | None, data: Path | None) -> str:
    """The store that the options name."""
    if store and data:
        raise typer.BadParameter("give either --store or --data", param_hint="--store")
    return store or local_store(data)
