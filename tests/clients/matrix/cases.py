"""Plays every case of the matrix, client by client, and says how each has ended."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from tests.clients.matrix.clients import CLIENTS, Client
from tests.clients.matrix.dialects import DIALECTS, Dialect, gateway_environment
from tests.clients.matrix.runs import Opened, Run, Shown
from tests.clients.matrix.stand_in import Model, prompt, running_stand_in
from tests.running import Gateway, running_gateway

FEATURES: Final[Mapping[str, str]] = {
    "plain": "answer",
    "tool": "tool and its result",
    "thinking": "thinking",
    "error": "error",
}
"""What is tried, and what the document calls it."""
YES: Final = "yes"
SHOWN: Final = "shown"
"""Thinking that the client shows, and does not send back."""


class Case(NamedTuple):
    """One cell of the matrix."""

    client: str
    dialect: str
    feature: str

    def __str__(self) -> str:
        return "-".join(self).lower()


CASES: Final = tuple(
    Case(client, dialect.name, feature) for client in CLIENTS for dialect in DIALECTS.values() for feature in FEATURES
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case has ended: a word for the matrix, and what was printed where it has failed."""

    word: str
    printed: str = ""


def play(folder: Path, clients: Sequence[str] = tuple(CLIENTS)) -> dict[Case, Outcome]:
    """Every case: each client has a home and takes its cases one by one, several clients at the same time."""
    with running_stand_in() as server, running_gateway(server, **gateway_environment(server.url, folder)) as gateway:

        def of_client(name: str) -> dict[Case, Outcome]:
            home = folder / name
            (home / "work").mkdir(parents=True)
            mine = [case for case in CASES if case.client == name]
            with CLIENTS[name].opened(gateway, home) as opened:
                return {case: _played(case, server.model, gateway, home, opened) for case in mine}

        with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:
            found = list(pool.map(of_client, clients))
    return {case: outcome for outcomes in found for case, outcome in outcomes.items()}


def _played(case: Case, model: Model, gateway: Gateway, home: Path, opened: Opened) -> Outcome:
    client = CLIENTS[case.client]
    dialect = next(dialect for dialect in DIALECTS.values() if dialect.name == case.dialect)
    note, word = home / "work" / f"{case}.txt", secrets.token_hex(8)
    note.write_text(f"{word}\n")
    asked = prompt(case.feature, str(case), client.reads(str(note)))
    try:
        shown = opened(Run(gateway, dialect.model, asked, case.feature == "thinking", home))
    except Exception as error:  # noqa: BLE001 -- whatever it is, the other cases are played, and this one has failed
        return Outcome(f"no: {type(error).__name__}", str(error))
    return _judged(case, model, client, dialect, shown, word)


def _judged(case: Case, model: Model, client: Client, dialect: Dialect, shown: Shown, word: str) -> Outcome:
    """What was shown has to hold what only the model, or only the note, can have said."""
    if (dialect.name, str(case)) not in model.asked:
        return Outcome("no: the model was not asked in this dialect", shown.printed)
    wanted = word if case.feature in ("tool", "thinking") else model.word(str(case), case.feature)
    if wanted not in shown.text:
        return Outcome(f"no: {wanted} is not shown", shown.printed)
    if case.feature != "thinking":
        return Outcome(YES)
    if model.word(str(case), "thought") not in shown.thinking:
        return Outcome("no: the thinking is not shown", shown.printed)
    return Outcome(YES if str(case) in model.has_its_thoughts else SHOWN, shown.printed)
