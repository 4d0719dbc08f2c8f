"""`edgeway models` and `edgeway providers`."""

import json

import pytest
import typer
from gateway.provider_table import PROVIDERS
from typer.testing import CliRunner

from edgeway.commands import models, providers


@pytest.fixture
def cli() -> typer.Typer:
    cli = typer.Typer()
    cli.add_typer(models.app)
    cli.add_typer(providers.app)
    return cli


def run(cli: typer.Typer, *arguments: str, **environ: str) -> str:
    result = CliRunner().invoke(cli, arguments, env=environ, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_models_of_one_provider(cli: typer.Typer) -> None:
    lines = run(cli, "models", "gpt-5.4", "--provider", "openai", OPENAI_API_KEY="k").splitlines()
    assert [" ".join(line.split()) for line in lines[1:3]] == [
        "● openai/gpt-5.4 1,050,000 128,000 2.5 … 5 15 … 22.5 0.25 … 0.5 reasoning tools images pdf",
        "● openai/gpt-5.4-mini 400,000 128,000 0.75 4.5 0.075 reasoning tools images",
    ]
    assert lines[-1] == "4 models; data of 2026-08-18. ● can be asked now. Dollars per million tokens."


def test_without_a_search_only_what_can_be_asked_now(cli: typer.Typer) -> None:
    found = json.loads(run(cli, "models", "--json", COHERE_API_KEY="k"))
    assert {facts["provider"] for facts in found} == {"cohere"}
    assert {facts["configured"] for facts in found} == {True}


def test_a_search_finds_all_and_those_that_can_be_asked_first(cli: typer.Typer) -> None:
    found = json.loads(run(cli, "models", "gpt-oss-120b", "--json", GROQ_API_KEY="k"))
    assert (found[0]["provider"], found[0]["id"]) == ("groq", "openai/gpt-oss-120b")
    assert found[0]["prices"] == [
        {"input": 150_000, "output": 600_000, "cache_read": 75_000, "cache_write": None, "reasoning": None, "above": 0}
    ]
    assert len({facts["provider"] for facts in found}) > 20


def test_providers(cli: typer.Typer) -> None:
    lines = run(cli, "providers", OLLAMA_BASE_URL="http://127.0.0.1:11434").splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["●", "ollama", "Ollama", "http://127.0.0.1:11434/v1", "OLLAMA_BASE_URL"],
        ["anthropic", "Anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"],
    ]
    assert lines[-1].endswith(" providers, 1 configured (●).")


def test_providers_as_json(cli: typer.Typer) -> None:
    listed = json.loads(run(cli, "providers", "--json"))
    assert [provider["id"] for provider in listed[: len(PROVIDERS)]] == list(PROVIDERS)
    assert listed[1]["tiers"] == {"opus": "gpt-5", "sonnet": "gpt-5-mini", "haiku": "gpt-5-nano"}


def test_a_wrong_address_is_said_without_a_traceback(cli: typer.Typer) -> None:
    result = CliRunner().invoke(cli, ["providers"], env={"OPENAI_BASE_URL": "nonsense"})
    assert result.exit_code == 2
    assert "OPENAI_BASE_URL is not an http or https address" in result.output
