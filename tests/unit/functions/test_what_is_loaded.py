"""What a function loads until its first answer: nothing that takes longer than the answer itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store
from moto import mock_aws

from tests.loop import run
from tests.unit.functions.functions import ROOT, load, read_event
from tests.unit.gateway.stores import TABLE, create_table, served_by_moto

LAYERS = ("runtime", "translator", "gateway")
"""Besides the one with the libraries, which this environment has anyway."""
KEYS_BELOW = "/edgeway/providers/"
WHAT_IS_LOADED = """
import asyncio, json, sys
import app
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
async def whole():
    answer = await app.handler(json.load(sys.stdin), Context())
    if isinstance(answer, dict):
        return answer
    pieces = [piece async for piece in answer.body]
    await answer.body.aclose()
    return {"statusCode": answer.status, "body": b"".join(pieces).decode()}
if asyncio.iscoroutinefunction(app.handler):
    answer = asyncio.run(whole())
else:
    answer = app.handler(json.load(sys.stdin), Context())
print(json.dumps([answer, sorted(set(sys.argv[1:]) & set(sys.modules))]))
"""
NOT_ON_AWS = ("boto3", "botocore.session", "botocore.client", "aws_xray_sdk", "sqlite3")
"""Powertools asks whether botocore is there, and loads no more of it than its name."""
HEAVY = (*NOT_ON_AWS, "httpx", "httpcore", "pydantic", "aws_lambda_powertools", "http.client", "email")


@pytest.fixture
def key() -> Iterator[str]:
    """A key in DynamoDB, and a provider's in Parameter Store."""
    with mock_aws(), served_by_moto("dynamodb", "ssm"):
        create_table()
        boto3.client("ssm").put_parameter(Name=f"{KEYS_BELOW}OPENAI_API_KEY", Value="sk-1", Type="SecureString")
        store = open_store(f"dynamodb:{TABLE}")
        yield run(KeyRegistry(store, clock=time.time).create("alice"))[0]
        store.close()


def first_answer(
    function: str, event: Mapping[str, Any], heavy: Sequence[str], **variables: str
) -> tuple[Any, list[str]]:
    """The answer of a fresh process, and what it has loaded of that which is heavy."""
    roots: list[Path] = [ROOT / "functions" / function, *(ROOT / "layers" / layer for layer in LAYERS)]
    own = {
        "PYTHONPATH": os.pathsep.join(map(str, roots)),
        "_HANDLER": "app.handler",
        "EDGEWAY_STORE": f"dynamodb:{TABLE}",
        "EDGEWAY_PROVIDER_KEYS": KEYS_BELOW,
        **variables,
    }
    ran = subprocess.run(
        [sys.executable, "-c", WHAT_IS_LOADED, *heavy],
        input=json.dumps(event),
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    answer, loaded = json.loads(ran.stdout.splitlines()[-1])
    return answer, loaded


def test_the_authorizer(key: str) -> None:
    answer, loaded = first_answer("authorizer", read_event("authorizer-bearer", key), HEAVY)
    assert (answer["policyDocument"]["Statement"][0]["Effect"], loaded) == ("Allow", [])


def test_models(key: str) -> None:
    answer, loaded = first_answer("models", read_event("models-list", key), HEAVY)
    assert (answer["statusCode"], loaded) == (200, [])
    ids = [model["id"].removeprefix("anthropic/") for model in json.loads(answer["body"])["data"]]
    assert {model_id.partition("/")[0] for model_id in ids} == {"openai"}


def test_messages(key: str) -> None:
    event = read_event("messages-hello", key)
    event["body"] = json.dumps({**json.loads(event["body"]), "model": "openai/gpt-5", "stream": False})
    answer, loaded = first_answer("messages", event, NOT_ON_AWS, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert (json.loads(answer["body"])["error"]["type"], loaded) == ("overloaded_error", [])


@pytest.mark.parametrize(("variables", "read"), [({"_HANDLER": "app.handler"}, ["claude_2"]), ({}, [])])
def test_a_vocabulary_is_read_before_it_is_needed_on_lambda_alone(
    variables: Mapping[str, str], read: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the init phase has a whole processor; elsewhere it would be held by every process that counts nothing."""
    loaded: list[str] = []
    monkeypatch.delenv("_HANDLER", raising=False)
    for name, value in {"EDGEWAY_STORE": f"sqlite:{tmp_path}/edgeway.sqlite3", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("gateway.tokens.vocabulary.load", loaded.extend)
    function = load("count_tokens")
    assert (loaded, hasattr(function, "handler")) == (read, bool(variables))
