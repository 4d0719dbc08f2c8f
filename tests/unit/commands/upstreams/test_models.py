"""`edgeway models`, `edgeway providers` and `edgeway config`."""

import json
from pathlib import Path

import pytest
from gateway.routing.provider_table import PROVIDERS
from typer.testing import CliRunner, Result

from edgeway.commands.upstreams import config, models, providers
from tests.unit.local_models.servers import VLLM, server

APPS = {"models": models.app, "providers": providers.app, "config": config.app}


def invoke(command: str, *arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(APPS[command], arguments, env=environ)


def run(command: str, *arguments: str, **environ: str) -> str:
    result = invoke(command, *arguments, **environ)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def test_models_of_one_provider() -> None:
    lines = run("models", "gpt-5.4", "--provider", "openai", OPENAI_API_KEY="k").splitlines()
    assert [" ".join(line.split()) for line in lines[1:4]] == [
        "● openai/gpt-5.4-pro 1,050,000 128,000 30 … 60 180 … 270 reasoning tools images",
        "● openai/gpt-5.4 1,050,000 128,000 2.5 … 5 15 … 22.5 0.25 … 0.5 reasoning tools images pdf",
        "● openai/gpt-5.4-mini 400,000 128,000 0.75 4.5 0.075 reasoning tools images",
    ]
    assert lines[-1] == "4 models; data of 2026-08-18. ● can be asked now. Dollars per million tokens."


def test_without_a_search_only_what_can_be_asked_now() -> None:
    found = json.loads(run("models", "--json", COHERE_API_KEY="k"))
    assert {facts["provider"] for facts in found} == {"cohere"}
    assert {facts["configured"] for facts in found} == {True}


def test_a_search_finds_all_and_those_that_can_be_asked_first() -> None:
    found = json.loads(run("models", "gpt-oss-120b", "--json", GROQ_API_KEY="k"))
    assert (found[0]["provider"], found[0]["id"]) == ("groq", "openai/gpt-oss-120b")
    assert found[0]["prices"] == [
        {
            "input": 150_000,
            "output": 600_000,
            "cache_read": 75_000,
            "cache_write": None,
            "reasoning": None,
            "above": 0,
            "cache_write_1h": None,
            "request": 0,
            "web_search": 0,
        }
    ]
    assert len({facts["provider"] for facts in found}) > 20


def test_of_a_server_of_ones_own_only_what_it_serves_can_be_asked() -> None:
    with server(json.dumps(VLLM).encode()) as url:
        found = json.loads(run("models", "--json", OPENAI_BASE_URL=url))
        marked = json.loads(run("models", "gpt-5", "--provider", "openai", "--json", OPENAI_BASE_URL=url))
    assert [(facts["provider"], facts["id"], facts["context_window"]) for facts in found] == [
        ("openai", "Qwen/Qwen3-8B", 40_960)
    ]
    assert len(marked) > 10
    assert {facts["configured"] for facts in marked} == {False}


def test_what_is_only_served_through_responses_is_marked_too() -> None:
    found = json.loads(run("models", "gpt-5.2", "--provider", "openai", "--json", OPENAI_API_KEY="k"))
    marks = {facts["id"]: facts["configured"] for facts in found}
    assert (marks["gpt-5.2"], marks["gpt-5.2-pro"]) == (True, True)


def test_providers() -> None:
    lines = run("providers", OLLAMA_BASE_URL="http://127.0.0.1:11434").splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["●", "ollama", "Ollama", "http://127.0.0.1:11434/v1", "OLLAMA_BASE_URL"],
        ["anthropic", "Anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"],
    ]
    assert lines[-1].endswith(" providers, 1 configured (●).")


def test_providers_as_json() -> None:
    listed = json.loads(run("providers", "--json"))
    assert [provider["id"] for provider in listed[: len(PROVIDERS)]] == list(PROVIDERS)
    assert listed[1]["tiers"] == {"opus": "gpt-5", "sonnet": "gpt-5-mini", "haiku": "gpt-5-nano"}


def test_a_wrong_address_is_said_without_a_traceback() -> None:
    result = invoke("providers", OPENAI_BASE_URL="nonsense")
    assert result.exit_code == 2
    assert "OPENAI_BASE_URL is not an http or https address" in result.output


OWN = """
default_model = "openai/gpt-5"
[aliases]
smart = ["acme/big", "openai/gpt-5"]
[routes]
prefer = ["groq", "openai"]
[providers.acme]
base_url = "https://llm.acme.example/v1"
[providers.acme.models.big]
context_window = 100_000
prices = { input = 1, output = 2.5 }
capabilities = ["tools"]
[providers.acme.models.other]
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    return str(file)


def test_what_the_file_means(own: str) -> None:
    lines = run("config", "check", EDGEWAY_CONFIG=own, OPENAI_API_KEY="k").splitlines()
    anything = "attachment images pdf reasoning structured_output temperature tools"
    assert [" ".join(line.split()) for line in lines] == [
        "default model openai/gpt-5 now openai/gpt-5",
        "alias smart = acme/big, openai/gpt-5 now openai/gpt-5",
        "prefer groq, openai now openai",
        "provider acme at https://llm.acme.example/v1 not configured: set ACME_API_KEY",
        "model acme/big 100,000 tokens, ? out; $1 in, $2.5 out per million tokens; tools",
        f"model acme/other ? tokens, ? out; without a price; {anything}",
    ]


def test_whom_an_alias_waits_for(own: str) -> None:
    lines = run("config", "check", EDGEWAY_CONFIG=own, ACME_API_KEY="k").splitlines()
    assert [" ".join(line.split()) for line in lines[:4]] == [
        "default model openai/gpt-5 nobody yet: OpenAI is not configured: set OPENAI_API_KEY",
        "alias smart = acme/big, openai/gpt-5 now acme/big",
        "prefer groq, openai now none of them",
        "provider acme at https://llm.acme.example/v1 can be asked now",
    ]


def test_a_file_that_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "empty.toml"
    file.touch()
    assert run("config", "check", EDGEWAY_CONFIG=str(file)) == "edgeway.toml is right, and changes nothing.\n"


@pytest.mark.parametrize("command", [("config", "check"), ("models",), ("providers",)])
def test_mistakes_in_the_file_are_told_and_end_every_command(tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("x = 1\n[aliases]\nfast = 1\n")
    result = invoke(*command, EDGEWAY_CONFIG=str(file))
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        (
            f"{file}:1: x: is not known here; known are default_model, aliases, routes, providers, over_budget, "
            "report_cost, zone, one_tenant, allowed, response_cache\n"
            f"{file}:3: aliases.fast: must be a text or a list of texts\n"
        ),
    )


def test_models_and_providers_of_ones_own_are_listed(own: str) -> None:
    found = json.loads(run("models", "--json", EDGEWAY_CONFIG=own, ACME_API_KEY="k"))
    assert [facts["id"] for facts in found] == ["big", "other"]
    listed = json.loads(run("providers", "--json", EDGEWAY_CONFIG=own, ACME_API_KEY="k"))
    assert [provider["id"] for provider in listed[:3]] == ["acme", "groq", "openai"]


def test_all_prices_are_shown_with_their_tiers_and_their_date() -> None:
    printed = run("models", "gpt-5.4", "--provider", "openai", "--prices", OPENAI_API_KEY="k").splitlines()
    lines = [" ".join(line.split()) for line in printed]
    assert lines[0] == "model above in cache read cache write write 1 h out thinking request search"
    assert [line for line in lines if line.startswith("openai/gpt-5.4 ")] == [
        "openai/gpt-5.4 2.5 0.25 15",
        "openai/gpt-5.4 200,000 5 0.5 22.5",
    ]
    assert "data of 2026-08-18" in lines[-1]


def test_what_has_no_price_and_what_has_more_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "edgeway.toml"
    file.write_text(
        '[providers.acme]\nbase_url = "https://acme.example/v1"\nauthentication = "none"\n'
        "[providers.acme.models.a]\n[providers.acme.models.b.prices]\n"
        "input = 1\noutput = 2\ncache_write = 1.25\nreasoning = 3\nrequest = 0.01\nweb_search = 0.005\n",
        encoding="utf-8",
    )
    lines = run("models", "acme", "--prices", EDGEWAY_CONFIG=str(file)).splitlines()
    told = sorted(" ".join(line.split()) for line in lines[1:3])
    assert told == ["acme/a no price", "acme/b 1 1.25 2 2 3 0.01 0.005"]
