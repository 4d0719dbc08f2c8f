"""Each command that stands in a document exists, and is run by a test or says here why it is not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from typer.core import TyperCommand, TyperGroup

from edgeway.cli import Lazy, index
from tests.running import ROOT

PAGES: Final = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("tests/*.md")} - {ROOT / "CHANGELOG.md"})
BLOCK: Final = re.compile(r"^```(?:sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
WORDS: Final = re.compile(r"`((?:\.venv/bin/)?edgeway [^`\n]+|make [a-z][^`\n]*)`")
ASSIGNMENT: Final = re.compile(r"[A-Z_][A-Z0-9_]*=")
UNIT_TESTS: Final = ROOT / "tests" / "unit" / "commands"
CI: Final = ROOT / ".ci" / "run"

ELSEWHERE: Final = {
    "claude": "tests/clients/test_claude_code.py",
    "curl": "tests/integration/local/test_gateway.py",
    "docker": "tests/image/test_container.py",
    "aws": "not run: needs an AWS account; tests/stack plays the template on an emulator",
    ".venv-sam/bin/sam": "tests/stack/test_stack.py",
    ".venv/bin/python": "tests/bench/test_page.py",
}
"""By program: the test that runs it, or why none does."""
BY_HAND: Final = {
    "money-soak-dynamodb": "ten minutes, and CI runs the same over the embedded store (money-soak-short)",
    "audit": "needs the advisory database, which CI does not reach",
    "bench": "ten minutes on a machine without other work",
    "cold-start": "a part of bench: figures, and nothing that fails",
    "catalogue": "writes the catalogue anew, from today's models.dev",
    "chaos": "half an hour; CI runs chaos-minute",
    "conformance": "writes a page that a test compares",
    "deploy": "needs an AWS account; stack-test deploys on an emulator",
    "docs": "writes pages and pictures that tests compare",
    "fuzz": "as long as it is told to; make test has a bounded form",
    "check": "what CI runs, under one name",
    "help": "prints the list of targets",
    "image": "image-test builds the same Dockerfile",
    "pins": "resolves versions anew",
    "sam-local-up": "stays up for a person; sam-local does the same and ends",
    "sbom": "prints what a test compares",
    "sdk-suite": "fetches the SDK's source, which only this needs",
    "setup": "is a part of every other target",
    "simulation": "writes tables that a test compares",
    "soak": "five minutes; CI runs soak-short",
    "tokens": "writes vocabularies and true counts anew, from npm",
}
"""Targets of make that CI does not run, and why."""


class Written(NamedTuple):
    """A command, and where it stands."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def written() -> Iterator[Written]:
    """Every command of every page: lines of shell blocks, and `edgeway …` and `make …` within a text."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = chain.from_iterable(block.replace("\\\n", " ").splitlines() for block in BLOCK.findall(text))
        for line in chain(blocks, WORDS.findall(text)):
            words = [word for word in split(line) if word not in {"sudo", "exec"}]
            while words and ASSIGNMENT.match(words[0]):
                del words[0]
            if words and words[0] != "export":
                yield Written(str(page.relative_to(ROOT)), tuple(words))


def split(line: str) -> list[str]:
    """The words of a line. A placeholder such as <revision> is a word, and no file."""
    line = re.sub(r"<([a-z-]+)>", r"\1", line)
    return shlex.split(line.partition(" | ")[0].partition(" < ")[0], comments=True)


COMMANDS: Final = sorted(set(written()))
EDGEWAY: Final = [each for each in COMMANDS if each.words[0].removeprefix(".venv/bin/") == "edgeway"]
MAKE: Final = [each for each in COMMANDS if each.words[0] == "make"]
OTHERS: Final = [each for each in COMMANDS if each not in {*EDGEWAY, *MAKE}]


@cache
def calls() -> str:
    """What calls commands: their unit tests, and the walk through docs/deploy.md."""
    files = chain(UNIT_TESTS.glob("**/*.py"), ROOT.glob("tests/stack/*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_commands_are_found() -> None:
    assert all(len(each) > 5 for each in (EDGEWAY, MAKE, OTHERS))


@pytest.mark.parametrize("found", EDGEWAY, ids=str)
def test_a_command_of_edgeway_exists_with_its_options_and_a_test_runs_it(found: Written) -> None:
    command: TyperGroup | TyperCommand = index()
    path: list[str] = []
    for word in found.words[1:]:
        alternatives = re.split(r"[|/]", word)
        if isinstance(command, TyperGroup):
            if word.startswith("-"):
                continue
            if not set(alternatives) & set(command.commands):
                break
            assert set(alternatives) <= set(command.commands), f"there is no {word!r}"
            path.append(alternatives[0])
            below = command.commands[alternatives[0]]
            assert isinstance(below, TyperGroup | TyperCommand)
            command = below.load() if isinstance(below, Lazy) else below
        elif word.startswith("--"):
            known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
            assert word.partition("=")[0] in {*known, "--help"}, f"{' '.join(path)} has no {word}"
    is_called = not path or f'"{path[-1]}"' in calls() or any(UNIT_TESTS.glob(f"**/test_{path[-1]}.py"))
    assert is_called, f"no test runs {' '.join(path)}"


@pytest.mark.parametrize("found", MAKE, ids=str)
def test_a_target_of_make_exists_and_ci_runs_it_or_it_says_why_not(found: Written) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in found.words[1:] if re.fullmatch(r"[a-z-]+", word)][:1]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"there is no make {target}"
        assert target in BY_HAND or re.search(rf"\bmake (?:[a-z]+ )*{target}\b", CI.read_text(encoding="utf-8"))


@pytest.mark.parametrize("found", OTHERS, ids=str)
def test_another_program_is_run_by_a_test_or_says_why_not(found: Written) -> None:
    where = ELSEWHERE[found.words[0]]
    assert where.startswith("not run: ") or Path(ROOT, where).exists()


def test_nothing_is_excused_that_stands_nowhere() -> None:
    assert set(ELSEWHERE) == {each.words[0] for each in OTHERS}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in BY_HAND)
