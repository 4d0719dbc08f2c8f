"""`edgeway serve` as a task on AWS has it: keys in a DynamoDB table, providers' keys in Parameter Store (moto's)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from tests.running import EDGEWAY, Upstream, no_leaks, provided, serving

TABLE = "edgeway"
PROVIDER_KEY = "sk-of-the-parameter-store"
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def account(endpoint: str) -> dict[str, str]:
    """A table and a provider's key, and the environment in which they are found, but for the Region."""
    client: dict[str, Any] = {
        "endpoint_url": endpoint,
        "region_name": REGION,
        "aws_access_key_id": "x",
        "aws_secret_access_key": "x",
    }
    names = ("pk", "sk")
    table = boto3.client("dynamodb", **client)
    table.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
    )
    parameters = boto3.client("ssm", **client)
    parameters.put_parameter(Name="/edgeway/providers/OPENAI_API_KEY", Value=PROVIDER_KEY, Type="SecureString")
    table.close()
    parameters.close()
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "EDGEWAY_STORE": f"dynamodb:{TABLE}",
        "EDGEWAY_PROVIDER_KEYS": "/edgeway/providers/",
    }


@pytest.mark.parametrize(
    "region",
    [
        pytest.param({"AWS_REGION": REGION}, id="AWS_REGION alone"),
        pytest.param({"AWS_DEFAULT_REGION": REGION}, id="AWS_DEFAULT_REGION alone"),
        pytest.param({"AWS_PROFILE": "edge"}, id="a profile alone"),
    ],
)
def test_keys_are_found_in_the_table_and_providers_keys_in_parameter_store(
    account: dict[str, str], region: dict[str, str], upstream: Upstream, tmp_path: Path
) -> None:
    """By the command and by the functions: what one finds in a Region, the others must not miss in another."""
    upstream.forget()
    environment = {**provided(upstream, "", tmp_path), **account, **region}
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(f"[profile edge]\nregion = {REGION}\n")
    making = [str(EDGEWAY), "keys", "create", "--name", "tests", "--json"]
    made = subprocess.run(making, env=environment, capture_output=True, check=True)
    key = json.loads(made.stdout)["key"]
    command = [str(EDGEWAY), "serve", "--host", "127.0.0.1", "--port", "0"]
    with serving(command, tmp_path, environment, key, PROVIDER_KEY) as gateway:
        body = {"model": "gpt-5", "max_tokens": 9, "messages": [{"role": "user", "content": "[[play:plain]]"}]}
        answers = [
            httpx.post(f"{gateway.url}/v1/messages", headers={"x-api-key": presented}, json=body, timeout=60)
            for presented in (key, "a-wrong-key")
        ]
        assert [answer.status_code for answer in answers] == [200, 401]
        (asked,) = upstream.requests()
        assert asked["headers"]["authorization"] == f"Bearer {PROVIDER_KEY}"
    no_leaks(gateway, gateway.log())


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("dynamodb:another", "(ResourceNotFoundException)\nThe store is dynamodb:another.\n"),
        ("sqlite:/dev/null/edgeway.db", "The store sqlite:/dev/null/edgeway.db cannot be used: "),
        ("redis:somewhere", "EDGEWAY_STORE must be sqlite:<path> or dynamodb:<table>, not 'redis:somewhere'"),
    ],
)
def test_a_store_that_cannot_be_used_is_named_before_anybody_is_served(
    account: dict[str, str], store: str, said: str, tmp_path: Path
) -> None:
    found = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_REGION": REGION}
    environment = {**found, **account, "EDGEWAY_STORE": store}
    command = [str(EDGEWAY), "serve", "--port", "0"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert (ended.stdout, "Traceback" in ended.stderr) == ("", False)
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "name the store"),
        ({"EDGEWAY_CONFIG": "own.toml"}, "own.toml:2: "),
        ({"OPENAI_BASE_URL": "localhost:8000"}, "OPENAI_BASE_URL is not an http or https address"),
    ],
)
def test_a_mistake_in_what_is_configured_is_named(variables: dict[str, str], said: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("# mine\ndefault_model = 1\n")
    store = {"EDGEWAY_STORE": f"sqlite:{tmp_path}/edgeway.db"} if variables else {}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **store, **variables}
    command = [str(EDGEWAY), "serve", "--port", "0"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode != 0, ended.stdout) == (True, "")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
