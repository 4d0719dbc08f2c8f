"""How a key is given: in the command line, where it is hidden at once, in a file, or in a variable."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from edgeway.commands import doctor
from edgeway.commands.callers import clients, keys
from edgeway.commands.key_option import HIDDEN_KEY, hide_key
from edgeway.commands.serving import local

Run = Callable[..., Result]
KEY = "a-key-of-my-own"


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that were begun in this one's place."""
    programs: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, words: programs.append(words))
    return programs


def read(word: str) -> str:
    """What stands in the pipe that is left for a key."""
    assert word.startswith(HIDDEN_KEY)
    with os.fdopen(int(word.removeprefix(HIDDEN_KEY)), encoding="utf-8") as file:
        assert os.get_inheritable(file.fileno())
        return file.read()


@pytest.mark.parametrize("given", [["--key", KEY], [f"--key={KEY}"]])
@pytest.mark.parametrize("command", [["local"], ["doctor"], ["clients", "curl"], ["keys", "create"]])
@pytest.mark.parametrize("program", [["python", "-P", "-m", "edgeway"], ["/usr/bin/python3", "/usr/bin/edgeway"]])
def test_a_key_is_taken_out_of_the_command_line(
    program: list[str], command: list[str], given: list[str], called: list[list[str]]
) -> None:
    words = [*command, "--url", "x", *given, "--json"]
    hide_key(["edgeway", *words], [*program, *words])
    (begun,) = called
    assert begun[:-2] == [*program, *command, "--url", "x"]
    assert begun[-1] == "--json"
    assert read(begun[-2]) == KEY


@pytest.mark.parametrize(
    "words",
    [[], ["local"], ["local", "--key-file", "mine"], ["local", "--key"], ["traits", "forget", "--key", "key_a"]],
)
def test_what_has_no_secret_stays_as_it_is(words: list[str], called: list[list[str]]) -> None:
    hide_key(["edgeway", *words], ["python", "edgeway", *words])
    assert called == []


def test_a_key_comes_from_a_file(command: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    words = ("create", "--name", "mine", "--json", "--data", str(data))
    assert json.loads(command(keys.app, *words, "--key-file", str(tmp_path / "key")).stdout)["key"] == KEY
    again = command(keys.app, *words, "--key-file", "-", typed=KEY)
    assert json.loads(again.stdout)["key"] == KEY


def test_a_file_that_is_not_there_is_named(command: Run, data: Path) -> None:
    ran = command(keys.app, "create", "--name", "mine", "--data", str(data), "--key-file", "nowhere")
    assert ran.exit_code == 2
    assert "nowhere" in ran.output


def test_an_empty_file_holds_no_key(command: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    ran = command(keys.app, "create", "--name", "x", "--data", str(data), "--key-file", str(tmp_path / "key"))
    assert ran.exit_code == 2
    assert "8 to 512 visible ASCII characters" in ran.output


def test_a_key_comes_from_a_variable(command: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWAY_KEY", KEY)
    words = ("curl", "--url", "http://gateway.test", "--model", "x", "--data", str(data))
    assert KEY in command(clients.app, *words).stdout


def test_the_functions_do_not_get_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDGEWAY_KEY", KEY)
    (tmp_path / "env").write_text(f"EDGEWAY_KEY={KEY}\nOTHER=1\n")
    variables = local._variables(tmp_path / "env")
    assert "EDGEWAY_KEY" not in variables
    assert variables["OTHER"] == "1"


def test_the_doctor_wants_a_key(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    ran = command(doctor.app)
    assert ran.exit_code == 2
    assert "give a key" in ran.output


@pytest.mark.parametrize("app", [local.app, doctor.app])
def test_the_help_says_how_to_hide_a_key(app: object, command: Run) -> None:
    said = " ".join(command(app, "--help").output.replace("│", " ").split())
    assert "--key-file is for a secret" in said
