"""`edgeway doctor --stack`: what it asks of AWS, with a key and without."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from edgeway.commands import doctor
from edgeway.commands.callers import keys
from edgeway.commands.doctor_stack import read_stack
from tests.unit.aws import stacks

Run = Callable[..., Result]
ON_STACK = ("--stack", stacks.NAME, "--json")


@pytest.fixture(autouse=True)
def nobodys_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDGEWAY_STACK", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_key_it_reads_the_stack_and_nothing_else(command: Run, stack: str) -> None:
    ran = command(doctor.app, *ON_STACK)
    report = json.loads(ran.stdout)
    verdicts = {finding["check"]: finding["verdict"] for finding in report["findings"]}
    assert (ran.exit_code, report["url"]) == (1, stacks.BASE_URL)
    assert verdicts["everything that is asked for"] == "skipped"
    assert verdicts["MessagesFunction has its layers"] == "failed"  # moto has made table and plans alone
    assert len(verdicts) == 13


def test_a_key_that_the_stack_has(command: Run, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = command(keys.app, "create", "--name", "me", "--plan", "free", "--stack", stacks.NAME).stdout.split()[0]
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://another.example")  # of another gateway
    ran = command(doctor.app, *ON_STACK, "--key", key, "--url", "http://127.0.0.1:1")
    assert (ran.exit_code, "http://127.0.0.1:1 cannot be reached" in ran.stderr) == (3, True)


@pytest.mark.parametrize(
    ("key", "verdict", "found"),
    [(None, "passed", "free"), ("ew_of-somebody-else", "failed", "the stack does not know it")],
)
def test_where_a_key_is(command: Run, stack: str, key: str | None, verdict: str, found: str) -> None:
    made = command(keys.app, "create", "--name", "me", "--plan", "free", "--stack", stacks.NAME).stdout.split()[0]
    base_url, findings = read_stack(stacks.NAME, key or made)
    assert base_url == stacks.BASE_URL
    (of_key,) = [each for each in findings if each.check == "the key is in its plan"]
    assert (of_key.verdict, of_key.found) == (verdict, found)


def test_there_is_no_such_stack(command: Run, account: None) -> None:
    ran = command(doctor.app, *ON_STACK)
    assert (ran.exit_code, "There is no stack edge in" in ran.stderr) == (4, True)


def test_the_stack_of_the_environment_is_examined(command: Run, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWAY_STACK", stack)
    report = json.loads(command(doctor.app, "--json").stdout)
    assert (report["url"], len(report["findings"])) == (stacks.BASE_URL, 13)


def test_an_address_on_the_command_line_counts_first(
    command: Run, account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGEWAY_STACK", "no-stack")
    ran = command(doctor.app, "--key", "ew_a-key-of-some-kind", "--url", "http://127.0.0.1:1")
    assert (ran.exit_code, "http://127.0.0.1:1 cannot be reached" in ran.stderr) == (3, True)
    ran = command(doctor.app, "--url", "http://127.0.0.1:1")
    assert (ran.exit_code, "edgeway keys create" in " ".join(ran.stderr.replace("│", "").split())) == (2, True)
