"""Writes the matrix of docs/clients.md from what the last `make clients` has found: `make clients-matrix`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Final

from tests.clients.matrix.cases import CASES, FEATURES, Case
from tests.clients.matrix.clients import CLIENTS, locked
from tests.clients.matrix.dialects import DIALECTS
from tests.running import ROOT

PAGE: Final = ROOT / "docs" / "clients.md"
FOUND: Final = ROOT / ".cache" / "clients-matrix.json"
BEGIN, END = "<!-- make clients-matrix writes this table -->", "<!-- end of the table -->"
_TABLE = re.compile(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", re.DOTALL)

Words = Mapping[Case, str]


def keep(found: Words) -> None:
    """Remember what a run has found."""
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps([[*case, word] for case, word in found.items()]))


def kept() -> dict[Case, str]:
    """What the last run has found."""
    return {Case(client, dialect, feature): word for client, dialect, feature, word in json.loads(FOUND.read_text())}


def table(found: Words) -> str:
    """The matrix as the document has it."""
    lines = [f"| client | model behind | {' | '.join(FEATURES.values())} |", f"|---|---|{'---|' * len(FEATURES)}"]
    for name, client in CLIENTS.items():
        for dialect in DIALECTS.values():
            words = [found[Case(name, dialect.name, feature)] for feature in FEATURES]
            lines.append(f"| {client.title} {locked(client.package)} | {dialect.name} | {' | '.join(words)} |")
    return "\n".join(lines) + "\n"


def written() -> str:
    """The table that stands in the document."""
    found = _TABLE.search(PAGE.read_text())
    assert found is not None, f"{PAGE.name} has no place for the matrix"
    return found[1]


def main() -> None:
    """Put the table into the document."""
    found = kept()
    if missing := sorted(str(case) for case in CASES if case not in found):
        sys.exit(f"the last run lacks {', '.join(missing)}: run make clients")
    PAGE.write_text(_TABLE.sub(f"{BEGIN}\n{table(found)}{END}", PAGE.read_text()))


if __name__ == "__main__":
    main()
