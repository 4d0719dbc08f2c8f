"""Servers of the operator's own, behind `edgeway local` and `edgeway serve`: what they serve is what is listed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.running import Gateway, running_gateway, running_server, running_upstream
from tests.unit.local_models.servers import VLLM, server

LIMIT = 60.0  # seconds; nothing here takes so long


def listed(gateway: Gateway) -> dict[str, Any]:
    """The models by their ids."""
    answer = httpx.get(f"{gateway.url}/v1/models?limit=1000", headers={"x-api-key": gateway.key}, timeout=LIMIT)
    assert answer.status_code == httpx.codes.OK
    return {model["id"]: model for model in answer.json()["data"]}


@pytest.mark.parametrize("running", [running_gateway, running_server])
def test_its_models_are_listed_and_no_others(running: Callable[..., AbstractContextManager[Gateway]]) -> None:
    with (
        running_upstream() as upstream,
        server(json.dumps(VLLM).encode()) as url,
        running(upstream, VLLM_BASE_URL=url) as gateway,
    ):
        give_up = time.monotonic() + LIMIT
        while not (models := listed(gateway)) and time.monotonic() < give_up:
            time.sleep(0.05)
    assert {model.removeprefix("anthropic/") for model in models} == {
        "openai/gpt-5", "openai/gpt-5-mini", "openai/gpt-5-nano", "vllm/Qwen/Qwen3-8B",
    }  # fmt: skip
    assert models["vllm/Qwen/Qwen3-8B"]["max_input_tokens"] == 40_960
