"""`edgeway providers set`: the key goes where the functions read it, and is never shown."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from dotenv import dotenv_values
from typer.testing import Result

from edgeway.commands.serving import local
from edgeway.commands.upstreams import providers_set
from edgeway.commands.upstreams.providers import app
from tests.unit.aws import stacks

KEY = "sk-proj-'quoted\"#$HOME\\n"
Run = Callable[..., Result]


@pytest.fixture
def run(command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDGEWAY_STACK", raising=False)
    return lambda *words, **options: command(app, *words, **options)


def stored() -> dict[str, tuple[str, str]]:
    ssm = boto3.client("ssm")
    found = ssm.get_parameters_by_path(Path="/edge/providers/", WithDecryption=True)["Parameters"]
    return {parameter["Name"]: (parameter["Type"], parameter["Value"]) for parameter in found}


@pytest.mark.parametrize("name", ["openai", "OpenAI", "OPENAI_API_KEY"])
def test_on_a_stack_it_is_a_secure_parameter(run: Run, stack: str, name: str) -> None:
    ran = run("set", name, "--stack", stack, typed=f"{KEY}\n")
    assert (ran.exit_code, ran.output) == (
        0,
        "/edge/providers/OPENAI_API_KEY is set; every function uses it within 5 minutes.\n",
    )
    assert stored() == {"/edge/providers/OPENAI_API_KEY": ("SecureString", KEY)}


def test_a_key_is_replaced(run: Run, stack: str) -> None:
    for key in ("sk-old", "sk-new"):
        assert run("set", "openai", "--stack", stack, typed=key).exit_code == 0
    assert stored() == {"/edge/providers/OPENAI_API_KEY": ("SecureString", "sk-new")}


IN_SECRETS_MANAGER = f"secretsmanager:/{stacks.NAME}/providers/"


def test_where_the_stack_says_so_it_is_a_secret(run: Run, account: None) -> None:
    stacks.deploy(provider_keys=IN_SECRETS_MANAGER)
    for key in ("sk-old", "sk-new"):
        ran = run("set", "openai", "--stack", stacks.NAME, typed=key)
        assert ran.output == "/edge/providers/OPENAI_API_KEY is set; every function uses it within 5 minutes.\n"
    secrets = boto3.client("secretsmanager")
    names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
    assert names == ["/edge/providers/OPENAI_API_KEY"]
    assert secrets.get_secret_value(SecretId=names[0])["SecretString"] == "sk-new"
    assert stored() == {}


def test_a_refusal_of_secrets_manager_is_explained(run: Run, account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks.deploy(provider_keys=IN_SECRETS_MANAGER)
    real = BaseClient._make_api_call

    def call(self: Any, name: str, parameters: Any) -> Any:
        if name == "CreateSecret":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, name)
        return real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    ran = run("set", "openai", "--stack", stacks.NAME, typed="sk-1")
    assert (ran.exit_code, ran.stderr) == (
        3,
        "These credentials may not call CreateSecret. docs/deploy.md lists what the command line needs.\n",
    )


def test_on_this_machine_it_is_a_line_of_the_environment_file(run: Run, tmp_path: Path) -> None:
    ran = run("set", "gemini", typed=KEY)
    assert (ran.exit_code, KEY in ran.output) == (0, False)
    run("set", "openai", typed="sk-other")
    file = tmp_path / ".env"
    assert set(dotenv_values(file).values()) == {KEY, "sk-other"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_local_gateway_reads_the_same_file() -> None:
    assert local.ENVIRONMENT_FILE == providers_set.ENVIRONMENT_FILE


def test_other_lines_of_the_file_stay(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("# mine\nOPENAI_API_KEY=old\nOTHER=1\n")
    run("set", "openai", "--env-file", str(file), typed="sk-new")
    assert file.read_text() == "# mine\nOPENAI_API_KEY='sk-new'\nOTHER=1\n"


@pytest.mark.parametrize("typed", ["", "\n", "two words", "two\nlines", "käse"])
def test_what_is_no_key_changes_nothing(run: Run, stack: str, tmp_path: Path, typed: str) -> None:
    for options in ((), ("--stack", stack)):
        ran = run("set", "openai", *options, typed=typed)
        assert (ran.exit_code, ran.stderr[:16]) == (1, "That is no key: ")
    assert (stored(), list(tmp_path.iterdir())) == ({}, [])


def test_a_provider_that_nobody_knows(run: Run) -> None:
    ran = run("set", "nobody", typed=KEY)
    assert (ran.exit_code, ran.stderr) == (1, "There is no provider 'nobody'. See: edgeway providers\n")


def test_a_provider_without_a_key(run: Run) -> None:
    ran = run("set", "ollama", typed=KEY)
    assert (ran.exit_code, ran.stderr) == (1, "Ollama needs no key: set OLLAMA_BASE_URL.\n")


def test_no_such_stack(run: Run, account: None) -> None:
    assert run("set", "openai", "--stack", stacks.NAME, typed=KEY).exit_code == 4


def test_without_a_word_the_providers_are_listed(run: Run) -> None:
    assert '"id": "openai"' in run("--json").stdout
