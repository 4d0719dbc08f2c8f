"""What holds a key back in `edgeway local` and in `edgeway serve`: its plan, and its budget in the operator's zone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import EDGEWAY, Gateway, Upstream, running_gateway, running_server

PLANS = "free=0.01/2/100"
FILE = """
zone = "+05:30"

[providers.openai.models.gpt-5]
prices = { input = 0, output = 0, request = 0.5 }
"""
Starting = Callable[..., AbstractContextManager[Gateway]]
SERVERS = pytest.mark.parametrize("starting", [running_gateway, running_server])


def made(gateway: Gateway, *options: str) -> str:
    """A new key of the gateway's."""
    store = next(gateway.output.parent.rglob("edgeway.db"))
    command = [str(EDGEWAY), "keys", "create", "--name", "ada", "--json", "--store", f"sqlite:{store}", *options]
    return str(json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["key"])


def asked(gateway: Gateway, key: str, path: str = "/v1/messages") -> httpx.Response:
    body = {"model": "gpt-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"x-api-key": key}
    if path == "/v1/usage":
        return httpx.get(gateway.url + path, headers=headers)
    return httpx.post(gateway.url + path, headers=headers, json=body)


def error(answer: httpx.Response) -> Any:
    return answer.json()["error"]


@SERVERS
def test_a_plan_counts_the_requests_of_all_routes(starting: Starting, upstream: Upstream) -> None:
    with starting(upstream, EDGEWAY_PLANS=PLANS) as gateway:
        key = made(gateway, "--plan", "free")
        statuses = [asked(gateway, key).status_code, asked(gateway, key, "/v1/messages/count_tokens").status_code]
        refused = [asked(gateway, key), asked(gateway, key, "/v1/usage")]
        assert asked(gateway, gateway.key).status_code == 200
    assert statuses == [200, 200]
    for answer in refused:
        told = (answer.status_code, answer.headers["retry-after"], error(answer)["message"])
        assert told == (429, "1", "too many requests per second")


@SERVERS
def test_a_budget_begins_anew_in_the_operators_zone(starting: Starting, upstream: Upstream, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(FILE)
    with starting(upstream, EDGEWAY_CONFIG=str(file)) as gateway:
        key = made(gateway, "--budget-day", "0.50")
        assert asked(gateway, key).status_code == 200
        assert " 00:00 UTC+05:30. " in error(asked(gateway, key))["message"]
        [day] = asked(gateway, key, "/v1/usage").json()["budgets"]
        assert day["resets_at"].endswith("T18:30:00Z")
