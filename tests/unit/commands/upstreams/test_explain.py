"""`edgeway explain`: who is asked and why, and who is passed over; `edgeway config check` shows the same routes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.aws import boto3_client
from gateway.choice.circuit import Circuit
from gateway.choice.health_table import HealthTable
from gateway.choice.places import Place
from gateway.storage.open import open_store
from typer.testing import Result

from edgeway.aws import stack as aws_stack
from edgeway.commands.upstreams.config import app as config
from edgeway.commands.upstreams.explain import app
from edgeway.commands.upstreams.providers import app as providers
from tests import loop
from tests.unit.aws import stacks

TOML = """
[aliases]
fast = ["groq/openai/gpt-oss-120b", "openai/gpt-5-mini"]
[routes]
order = "price"
prefer = ["openrouter"]
[routes.rules.background]
roles = ["background"]
use = ["groq/openai/gpt-oss-20b", "mistral/mistral-large-latest"]
[routes.rules.rest]
models = ["claude-opus-*"]
most_effort = "low"
hedge = true
[allowed.keys]
alice = ["openai/*", "fast"]
"""
Explain = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-first-key,sk-second-key",
        "GROQ_API_KEY": "gsk-a-key",
        "OPENROUTER_API_KEY": "or-a-key",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "edgeway.toml"
    file.write_text(TOML)
    monkeypatch.setenv("EDGEWAY_CONFIG", str(file))


@pytest.fixture
def explain(command: Callable[..., Result], data: Path) -> Explain:
    """The lines that are printed, each without the space that its columns are filled with."""

    def run(*words: str, status: int = 0) -> list[str]:
        ran = command(app, *words, "--data", str(data))
        assert ran.exit_code == status, ran.output
        return [" ".join(line.split()) for line in ran.output.splitlines()]

    return run


def test_candidates_in_their_order_with_their_reasons(explain: Explain) -> None:
    _, *asked, others, below = explain("gpt-5")
    assert asked == [
        "1 openai/gpt-5 (key 1) makes the model; about $0.0100 for this request",
        "2 openai/gpt-5 (key 2) makes the model; about $0.0100 for this request",
        "3 openrouter/openai/gpt-5 serves it, and is preferred; about $0.0100 for this request",
    ]
    assert " others serve it and are not configured: " in others
    assert others.endswith(" …")
    assert below == ("By no rule, in the order price; roles: main; about 4 tokens. One request asks 4 at most.")


def test_a_rule_an_alias_and_auto_are_told(explain: Explain) -> None:
    assert explain("claude-haiku-4-5")[1:3] == [
        "1 groq/openai/gpt-oss-20b stands in the rule background; about $0.0003 for this request",
        "- mistral/mistral-large-latest Mistral is not configured: set MISTRAL_API_KEY",
    ]
    assert explain("fast")[1].startswith("1 groq/openai/gpt-oss-120b stands behind the alias fast; about $")
    assert explain("auto")[1].startswith("1 groq/openai/gpt-oss-20b can do what the request needs; about $")
    assert explain("gpt-oss-120b")[1].startswith("1 openrouter/openai/gpt-oss-120b ")
    (served,) = [line for line in explain("gpt-oss-120b") if " groq/" in line]
    assert " serves it; " in served
    assert explain("openai/made-up")[1:3] == [
        "1 openai/made-up (key 1) serves it; without a price",
        "2 openai/made-up (key 2) serves it; without a price",
    ]


def test_a_request_decides_with_its_length_and_its_needs(explain: Explain, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"system": "word " * 150_000, "thinking": {"type": "enabled"}, "tools": [{}]}))
    lines = explain("auto", "--request", str(body))
    passed = [line for line in lines if line.startswith("- groq/")]
    assert passed
    assert all("has a context of 131,072 tokens" in line for line in passed)
    assert "roles: main, thinking; about 187,5" in lines[-1]
    (small,) = [line for line in explain("groq/openai/gpt-oss-120b", "--request", str(body)) if line.startswith("1 ")]
    assert small.endswith("but it has a context of 131,072 tokens")


def test_what_is_set_aside_is_told_with_its_time(explain: Explain, data: Path) -> None:
    now = time.time()
    data.mkdir()
    with closing(open_store(f"sqlite:{data}/edgeway.db")) as store:
        table = HealthTable(store, clock=time.time)
        opened = Circuit(open_until=now + 40, pause=10, reason="overloaded", at=now)
        loop.run(table.write(Place("openai", "gpt-5"), opened))
        loop.run(table.write(Place("openrouter"), Circuit(open_until=now - 1, pause=10, reason="unreachable", at=now)))
    lines = explain("gpt-5")
    assert lines[1].startswith("1 openrouter/openai/gpt-5 is tried again after unreachable; serves it")
    assert lines[2].split(" s: ")[1].startswith("overloaded; makes the model")
    assert re.match(r"- openai/gpt-5 \(key 1\) set aside for (3\d|40) s", lines[2])


def test_a_key_sees_what_it_may_use(explain: Explain, data: Path) -> None:
    data.mkdir()
    with closing(open_store(f"sqlite:{data}/edgeway.db")) as store:
        loop.run(KeyRegistry(store, clock=time.time).create("alice"))
    lines = explain("gpt-5", "--key", "alice")
    assert [line.split()[1] for line in lines[1:3]] == ["openai/gpt-5", "openai/gpt-5"]
    assert "- openrouter/openai/gpt-5 this key may not use it" in lines
    assert explain("gpt-oss-120b", "--key", "alice", status=1) == [
        "model: this key may not use gpt-oss-120b. GET /v1/models lists what it may use."
    ]
    assert explain("gpt-5", "--key", "bob", status=1) == [
        "There is no key with the id or name 'bob'. See: edgeway keys list"
    ]


@pytest.mark.parametrize("written", ["[1]", "{", None])
def test_a_file_that_holds_no_request_is_told(explain: Explain, tmp_path: Path, written: str | None) -> None:
    body = tmp_path / "body.json"
    if written is not None:
        body.write_text(written)
    assert "--request" in " ".join(explain("gpt-5", "--request", str(body), status=2))


def test_a_model_that_nobody_knows_is_told(explain: Explain) -> None:
    assert explain("not-a-model-at-all", status=1)[0].startswith("model: not-a-model-at-all")


def test_a_rule_that_only_sets_parameters_passes_nobody_over(explain: Explain) -> None:
    assert [line for line in explain("claude-opus-4-8") if "rule asks others" in line] == []


def test_what_a_rule_takes_the_place_of_is_told(
    explain: Explain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other.toml"
    file.write_text('[routes.rules.all]\nuse = ["groq/openai/gpt-oss-20b"]')
    monkeypatch.setenv("EDGEWAY_CONFIG", str(file))
    assert "- openai/gpt-5 its rule asks others" in explain("gpt-5")


class Functions:
    """Lambda, as far as it is asked: which variables the messages function has."""

    meta = SimpleNamespace(region_name=stacks.REGION)

    def get_function_configuration(self, **asked: str) -> dict[str, Any]:
        assert asked == {"FunctionName": "edge-Messages"}
        return {
            "Environment": {
                "Variables": {
                    "EDGEWAY_DEFAULT_MODEL": "mistral/mistral-large-latest",
                    "EDGEWAY_BEDROCK": "true",
                    "OPENAI_API_KEY": "",
                }
            }
        }


@pytest.fixture
def deployed(stack: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stack with a messages function, which moto does not make of a template."""
    real = aws_stack.find_stack

    def with_function(client: Any, name: str) -> Any:
        found = real(client, name)
        return replace(found, resources={**found.resources, "MessagesFunction": "edge-Messages"})

    opened = boto3_client.open_boto3_client
    monkeypatch.setattr(aws_stack, "find_stack", with_function)
    monkeypatch.setattr(
        boto3_client, "open_boto3_client", lambda name, *more: Functions() if name == "lambda" else opened(name, *more)
    )
    return stack


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_stack_is_explained_by_its_own_facts(
    command: Callable[..., Result], deployed: str, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    assert command(providers, "set", "mistral", "--stack", deployed, typed="sk-of-the-stack").exit_code == 0
    table = aws_stack.find_stack(boto3_client.open_boto3_client("cloudformation"), deployed).table
    now = time.time()
    with closing(open_store(f"dynamodb:{table}")) as store:
        opened = Circuit(open_until=now + 40, pause=10, reason="overloaded", at=now)
        loop.run(HealthTable(store, clock=time.time).write(Place("mistral"), opened))
    words = [] if by_variable else ["--stack", deployed]
    if by_variable:
        monkeypatch.setenv("EDGEWAY_STACK", deployed)
    ran = command(app, "mistral-large-latest", *words)
    assert ran.exit_code == 0, ran.output
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert lines[1].startswith("- mistral/mistral-large-latest set aside for ")
    assert "openai/" not in ran.stdout  # whose key is this machine's
    assert "edgeway.toml on this machine" in lines[-1]
    (bedrock,) = [line for line in command(app, "claude-opus-4-8", *words).stdout.splitlines() if line.startswith("1 ")]
    assert bedrock.split()[1].startswith("bedrock-mantle/")


def test_a_stack_without_its_function_is_told(command: Callable[..., Result], stack: str) -> None:
    ran = command(app, "gpt-5", "--stack", stack)
    assert (ran.exit_code, "has no MessagesFunction" in ran.stderr) == (4, True)


def test_config_check_shows_the_routes(command: Callable[..., Result], **_: Any) -> None:
    lines = [" ".join(line.split()) for line in command(config, "check").output.splitlines()]
    assert "route rest: claude-opus-* in its order and with its parameters" in lines
    assert "allowed alice openai/*, fast" in lines
    assert "order price" in lines
    assert any(
        line.startswith("route background: background now groq/openai/gpt-oss-20b; nobody yet") for line in lines
    )


def test_a_hedged_route_says_so_and_which_requests_are_not(explain: Explain, tmp_path: Path) -> None:
    hedged = explain("claude-opus-4-8")[-1]
    assert hedged.endswith(
        "It is hedged: the next is asked too where one is slower than 95 of 100; who is slower is outrun."
    )
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"tools": [{"type": "web_search_20250305", "name": "web_search"}], "messages": []}))
    assert explain("claude-opus-4-8", "--request", str(file))[-1].endswith(
        "It is not hedged: its tools run at the upstream, or it names a container."
    )
    assert "hedged" not in explain("gpt-5")[-1]
