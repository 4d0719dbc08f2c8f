"""`edgeway traits` on a stack and on this machine: what was learnt is shown, and forgotten."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from gateway.learning.trait_records import records_of
from gateway.learning.trait_table import KEEP_SECONDS, TraitTable
from gateway.response_cache.cached_answers import CachedAnswer, CachedAnswers
from gateway.storage.open import open_store
from translator.learned_traits import LearnedTrait
from typer.testing import Result

from edgeway.aws.stack import find_stack
from edgeway.commands.callers import keys as keys_command
from edgeway.commands.upstreams.traits import app
from tests import loop

Run = Callable[..., Result]
NO_FIELDS = LearnedTrait("refused_fields", ("temperature", "top_p"))
NO_IMAGES = LearnedTrait("images", False)
ENDS = int(time.time()) + KEEP_SECONDS


@pytest.fixture(params=["stack", "data"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The options that name a place, with nothing in it."""
    return f"--{request.param}", str(request.getfixturevalue(request.param))


@pytest.fixture
def table(place: tuple[str, str]) -> Iterator[TraitTable]:
    """What is learnt there: by two keys of one model, by one of another."""
    option, name = place
    setting = f"sqlite:{Path(name)}/edgeway.db"
    if option == "--stack":
        setting = f"dynamodb:{find_stack(boto3.client('cloudformation'), name).table}"
    with closing(open_store(setting)) as store:
        table = TraitTable(store, clock=time.time)
        for key_id in ("key_a", "key_b", "key_c"):
            loop.run(table.add("openai/gpt-5", key_id, records_of([NO_IMAGES], key_id, ends=ENDS, is_certain=False)))
        loop.run(table.add("openai/gpt-5", "key_a", records_of([NO_FIELDS], "key_a", ends=ENDS + 1, is_certain=False)))
        loop.run(table.add("openrouter/a/b#c", "key_a", records_of([NO_IMAGES], "key_a", ends=ENDS, is_certain=True)))
        yield table


@pytest.fixture
def run(command: Run, place: tuple[str, str]) -> Run:
    return lambda *words: command(app, *words, *place)


def listed(run: Run) -> Any:
    ran = run("list", "--json")
    assert (ran.exit_code, ran.exception) == (0, None), ran.output
    return json.loads(ran.stdout)


def test_what_is_listed_for_programs(run: Run, table: TraitTable) -> None:
    field = {"provider": "openai", "model": "gpt-5", "trait": "refused_fields", "shared": False, "keys": ["key_a"]}
    assert listed(run) == [
        {
            "provider": "openai",
            "model": "gpt-5",
            "trait": "images",
            "value": False,
            "shared": True,
            "keys": ["key_a", "key_b", "key_c"],
            "ends": ENDS,
        },
        {**field, "value": ["temperature"], "ends": ENDS + 1},
        {**field, "value": ["top_p"], "ends": ENDS + 1},
        {
            "provider": "openrouter",
            "model": "a/b#c",
            "trait": "images",
            "value": False,
            "shared": True,
            "keys": ["key_a"],
            "ends": ENDS,
        },
    ]


def test_what_is_listed_for_people(run: Run, table: TraitTable) -> None:
    ran = run("list")
    words = [[cell.strip() for cell in line.strip("│┃").split("│")] for line in ran.stdout.splitlines() if "│" in line]
    assert [row[:5] for row in words] == [
        ["openai/gpt-5", "images", "false", "everybody", "3"],
        ["openai/gpt-5", "refused_fields", "temperature", "key_a", "1"],
        ["openai/gpt-5", "refused_fields", "top_p", "key_a", "1"],
        ["openrouter/a/b#c", "images", "false", "everybody", "1"],
    ]
    assert words[0][5] == time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(ENDS))


@pytest.mark.parametrize(
    ("words", "said", "left"),
    [
        (["openai/gpt-5"], "Forgot 5 learned traits.\n", ["openrouter"]),
        (["openrouter/a/b#c"], "Forgot 1 learned trait.\n", ["openai"] * 3),
        (["--key", "key_a"], "Forgot 4 learned traits.\n", ["openai"]),
        (["openai/gpt-5", "--key", "key_b"], "Forgot 1 learned trait.\n", ["openai"] * 3 + ["openrouter"]),
        (["--all"], "Forgot 6 learned traits.\n", []),
        (["openai/gpt"], "Forgot 0 learned traits.\n", ["openai"] * 3 + ["openrouter"]),
    ],
)
def test_what_is_forgotten(words: list[str], said: str, left: list[str], run: Run, table: TraitTable) -> None:
    ran = run("forget", *words)
    assert (ran.exit_code, ran.stdout) == (0, said)
    assert [row["provider"] for row in listed(run)] == left


@pytest.mark.parametrize("words", [[], ["--all", "openai/gpt-5"], ["--all", "--key", "key_a"]])
def test_what_is_to_be_forgotten_must_be_said(words: list[str], run: Run, table: TraitTable) -> None:
    ran = run("forget", *words)
    assert ran.exit_code == 2
    assert "name a model, a key or both, or say --all" in " ".join(ran.stderr.replace("│", "").split())
    assert len(listed(run)) == 4


@pytest.mark.parametrize("command_line", [["revoke", "ci"], ["rotate", "ci"]])
def test_a_revoked_key_leaves_nothing_behind(
    command_line: list[str], run: Run, command: Run, place: tuple[str, str], table: TraitTable
) -> None:
    made = json.loads(command(keys_command.app, "create", "--name", "ci", "--json", *place).stdout)
    loop.run(table.add("openai/o3", made["id"], records_of([NO_IMAGES], made["id"], ends=ENDS, is_certain=True)))
    assert f"{made['id']} (ci)" not in run("list").stdout  # it is shared
    loop.run(table.add("openai/o3", made["id"], records_of([NO_FIELDS], made["id"], ends=ENDS, is_certain=False)))
    assert f"{made['id']} (ci)" in run("list").stdout
    answers = CachedAnswers(table._store, clock=time.time)
    loop.run(answers.put(made["id"], "digest", CachedAnswer({}), seconds=600))
    before = len(listed(run))
    assert command(keys_command.app, *command_line, *place).exit_code == 0
    assert len(listed(run)) == before - 3
    assert loop.run(answers.get(made["id"], "digest")) is None
    assert run("forget", "--key", "ci").stdout == "Forgot 0 learned traits.\n"


def test_a_key_goes_by_its_name_too(run: Run, command: Run, place: tuple[str, str], table: TraitTable) -> None:
    made = json.loads(command(keys_command.app, "create", "--name", "ci", "--json", *place).stdout)
    loop.run(table.add("openai/o3", made["id"], records_of([NO_IMAGES], made["id"], ends=ENDS, is_certain=True)))
    assert run("forget", "--key", "ci").stdout == "Forgot 1 learned trait.\n"
