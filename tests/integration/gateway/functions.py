"""The functions in processes of their own, as Lambda starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.running import ROOT, stop

CALLER = Path(__file__).with_name("function_caller.py")
LAYERS = ("runtime", "translator", "gateway")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function has answered."""

    status: int
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Function:
    """A function that runs."""

    pid: int
    events: IO[str]
    answers: IO[str]
    output: Path
    called: list[Answer] = field(default_factory=list)

    def call(self, event: Mapping[str, Any]) -> Answer:
        """Its answer to an event; where that has `pieces`, so many of a stream, before the caller hangs up."""
        self.events.write(json.dumps(event) + "\n")
        self.events.flush()
        line = self.answers.readline()
        assert line, f"the function has ended:\n{self.printed()}"
        answer = json.loads(line)
        self.called.append(Answer(answer["statusCode"], answer["headers"], answer["body"]))
        return self.called[-1]

    def printed(self) -> str:
        """Everything that it has written to stdout and stderr."""
        return self.output.read_text()


@contextmanager
def running(name: str, folder: Path, **environment: str) -> Iterator[Function]:
    """The function of that name, with nothing of the operator in its environment but this."""
    roots = [ROOT / "functions" / name, *(ROOT / "layers" / layer for layer in LAYERS)]
    output = folder / f"{name}.txt"
    reading, writing = os.pipe()
    with (
        os.fdopen(reading) as answers,
        output.open("w") as log,
        subprocess.Popen(
            [sys.executable, CALLER, str(writing)],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(map(str, roots)),
                "_HANDLER": "app.handler",
                **environment,
            },
            pass_fds=[writing],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        os.close(writing)
        try:
            assert process.stdin is not None
            yield Function(process.pid, process.stdin, answers, output)
        finally:
            stop(process)
