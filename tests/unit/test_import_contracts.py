"""The import contracts of pyproject.toml forbid what they say: each is broken on purpose, between empty modules."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "pyproject.toml"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
PACKAGES = {
    "edgeway": ROOT / "edgeway",
    "functions": ROOT / "functions",
    "gateway": ROOT / "layers/gateway/gateway",
    "streaming": ROOT / "layers/runtime/streaming",
    "translator": ROOT / "layers/translator/translator",
}

ONE_WAY = "imports go one way: functions -> gateway -> translator"
PURE = "the translator is pure: no IO, clock, randomness or logging"
ALONE = "the runtime stands alone"
DEPLOYED = "nothing that is deployed knows the operator's command line"
ROOMS = "the rooms of the gateway stand one above the other"
QUICK = "access, storage, aws, learning, routing and web import nothing slow"
WORKED_OUT = "resolving a model, choosing who is asked and pricing an answer are pure"
HALVES = "a dialect's request knows no answer, and its answer no request"
DIALECTS = "a dialect knows no other, and what they share knows none"
CIRCLE = "no import goes in a circle"
CONTRACTS = {each["name"] for each in tomllib.loads(CONFIGURATION.read_text())["tool"]["importlinter"]["contracts"]}


CASES: list[tuple[str, str, set[str]]] = [
    ("functions", "import gateway, streaming, translator", set()),
    ("gateway", "import streaming, translator, httpx, os, time", set()),
    ("translator", "import dataclasses, json, pydantic, re", set()),
    ("gateway", "import functions", {ONE_WAY}),
    ("translator", "import gateway", {ONE_WAY, PURE}),
    ("translator", "import streaming", {PURE}),
    ("translator", "import logging", {PURE}),
    ("translator", "import os.path", {PURE}),
    ("translator", "from time import monotonic", {PURE}),
    ("translator", "def read():\n    import urllib.request", {PURE}),
    ("translator", "import httpx", {PURE}),
    ("streaming", "import translator", {ALONE}),
    ("gateway", "import edgeway", {DEPLOYED}),
    # Each room of the gateway and the one above it.
    ("gateway.money.pricing", "import gateway.routes.models", {ROOMS}),
    ("gateway.upstream.client", "import gateway.money.ledger", {ROOMS}),
    ("gateway.tokens.vocabulary", "import gateway.upstream.client", {ROOMS}),
    ("gateway.choice.health", "import gateway.tokens.vocabulary", {ROOMS}),
    ("gateway.learning.trait_table", "import gateway.choice.health", {ROOMS}),
    ("gateway.routing.providers", "import gateway.learning.trait_table", {ROOMS}),
    ("gateway.access.keys", "import gateway.routing.directory", {ROOMS}),
    ("gateway.storage.open", "import gateway.access.keys", {ROOMS}),
    ("gateway.aws.endpoint", "import gateway.storage.protocol", {ROOMS}),
    ("gateway.web.headers", "import gateway.aws.types", {ROOMS}),
    ("gateway.settings", "def read():\n    import gateway.web.headers", {ROOMS}),
    ("gateway.routes.messages", "import gateway.settings, gateway.upstream.client, httpx, pydantic", set()),
    # What is slow to load, in each room that must not load it, and by way of another module.
    ("gateway.access.authentication", "import pydantic", {QUICK}),
    ("gateway.storage.sqlite", "import tiktoken", {QUICK}),
    ("gateway.aws.signed_client", "import httpx", {QUICK}),
    ("gateway.routing.directory", "def ask():\n    import httptools", {QUICK}),
    ("gateway.learning.trait_memory", "import pydantic", {QUICK}),
    ("gateway.web.proxy_event", "import pydantic", {QUICK}),
    ("gateway.routing.resolve", "from time import time", {WORKED_OUT}),
    ("gateway.routing.resolve", "import os", {WORKED_OUT}),
    ("gateway.money.pricing", "import socket", {WORKED_OUT}),
    ("gateway.choice.circuit", "import time", {WORKED_OUT}),
    ("translator.chat.request.messages", "import translator.chat.answer.reader", {HALVES}),
    ("translator.chat.answer.reader", "import translator.chat.request.messages", {HALVES}),
    ("translator.converse.request.request", "import translator.converse.answer.reader", {HALVES}),
    ("translator.refusal.errors", "import translator.chat.answer.reader", {DIALECTS}),
    ("translator.converse.answer.reader", "import translator.chat.tags", {DIALECTS}),
    ("translator.prompt.effort", "import translator.chat.request.request", {DIALECTS}),
    ("translator.prompt.effort", "import translator.refusal.errors", {DIALECTS}),
    ("translator.chat.answer.reader", "import translator.refusal.errors, translator.chat.tags", set()),
]
TOGETHER: list[tuple[dict[str, str], set[str]]] = [
    ({"gateway.routing.resolve": "import translator.traits", "translator.traits": "import tiktoken"}, {QUICK}),
    (
        {"gateway.aws.client": "import gateway.aws.types", "gateway.aws.types": "import gateway.aws.client"},
        {CIRCLE},
    ),
    (
        {
            "translator.stream.fold": "import translator.traits",
            "translator.traits": "import translator.tokens.estimate",
            "translator.tokens.estimate": "def count():\n    from translator.stream import fold",
        },
        {CIRCLE},
    ),
    ({"gateway.kitchen": ""}, {ROOMS}),
    ({"translator.chat.kitchen": ""}, {HALVES}),
]
"""What takes several modules."""


def with_empty_modules(folder: Path) -> None:
    """Every module that there is, with nothing in it."""
    for package, source in PACKAGES.items():
        for module in source.rglob("*.py"):
            copy = folder / package / module.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
            (copy.parent / "__init__.py").touch()


def broken_contracts(folder: Path, statements: dict[str, str]) -> set[str]:
    """The contracts that break where these modules hold these statements, and the others none."""
    with_empty_modules(folder)
    for module, statement in statements.items():
        path = folder.joinpath(*module.split("."))
        (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).write_text(statement)
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache", "--config", str(CONFIGURATION)]
    linted = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )
    told = dict(line.rsplit(" ", 1) for line in linted.stdout.splitlines() if line.endswith((" KEPT", " BROKEN")))
    assert set(told) == CONTRACTS, linted.stdout + linted.stderr
    return {name for name, verdict in told.items() if verdict == "BROKEN"}


@pytest.mark.parametrize(("module", "statement", "broken"), CASES)
def test_a_contract_breaks_where_it_should(tmp_path: Path, module: str, statement: str, broken: set[str]) -> None:
    assert broken_contracts(tmp_path, {module: statement}) == broken


@pytest.mark.parametrize(("statements", "broken"), TOGETHER)
def test_a_contract_is_broken_by_several_modules_together(
    tmp_path: Path, statements: dict[str, str], broken: set[str]
) -> None:
    assert broken_contracts(tmp_path, statements) == broken


def test_every_contract_is_among_those_that_are_broken() -> None:
    assert set().union(*(broken for *_, broken in (*CASES, *TOGETHER))) == CONTRACTS
