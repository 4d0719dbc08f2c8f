"""Fixtures: an attacker, a victim, and the functions that both use, as one process has them or two."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store

from tests.integration.providers.network import STREAM, Answer, Received, StandIn
from tests.tenants.two_keys import ENDLESS, ENDLESS_AT_FIRST, Handler, Shared, Tenant
from tests.unit.functions.functions import load

SERVICES = count()
CONFIGURATION = """
[aliases]
careful = ["groq/openai/gpt-oss-120b", "mistral/mistral-large-latest"]
pooled = ["deepseek/deepseek-chat"]
[response_cache]
ttl_seconds = 3600
keys = ["mallory who is kept", "victim who is kept"]
"""
WORDS = "Unsupported parameter: 'temperature' is not supported with this model."
REFUSED = json.dumps({"error": {"message": WORDS, "param": "temperature"}}).encode()
"""Words, and no code of the upstream's that speaks of a parameter: that would be certain, and for everybody."""


HELLO = STREAM[: STREAM.index(b"data: ", 1)]
"""The first event of the answer."""


def answered(received: Received, *, is_first: bool) -> Answer:
    """An upstream that fails at whatever an attacker sends, and at nothing else. It says who was asked for."""
    text = json.dumps(received.body)
    if ENDLESS in text or (ENDLESS_AT_FIRST in text and is_first):
        return Answer([HELLO, *[b": more\n\n"] * 1000], seconds=1.0)
    if "limited" in text:
        return Answer([b'{"error": {"message": "slow down"}}'], 429, "application/json")
    if ("mallory" in text and "overload" in text) or ("groq fails" in text and "groq" in received.url):
        return Answer([b'{"error": {"message": "overloaded"}}'], 503, "application/json")
    if "mallory" in text and "temperature" in received.body:
        return Answer([REFUSED], 400, "application/json")
    return Answer([STREAM.replace(b"hello", str(received.body["messages"][-1]["content"]).encode())])


@pytest.fixture(params=["one process", "two processes"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    network = StandIn(lambda received: answered(received, is_first=len(network.received) == 1))
    monkeypatch.setattr("gateway.upstream.client.Network", lambda: network)
    setting = f"sqlite:{tmp_path}/edgeway.sqlite3"
    (tmp_path / "edgeway.toml").write_text(CONFIGURATION)
    service, log = f"tenants-{next(SERVICES)}", io.StringIO()
    environment = {
        "EDGEWAY_STORE": setting,
        "EDGEWAY_TRUST_AUTHORIZER": "false",
        "EDGEWAY_CONFIG": str(tmp_path / "edgeway.toml"),
        "MISTRAL_API_KEY": "sk-1",
        "GROQ_API_KEY": "sk-2",
        "DEEPSEEK_API_KEY": "sk-pool-one,sk-pool-two",
        "EDGEWAY_METRICS": "tenants",
        "POWERTOOLS_SERVICE_NAME": service,
    }

    def both(function: str) -> tuple[Handler, Handler]:
        build = load(function).build
        first = build(environment)
        return first, first if request.param == "one process" else build(environment)

    asked, spent = both("messages"), both("usage")
    for handler in logging.getLogger(service).handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(log)
    with closing(open_store(setting)) as store:
        registry = KeyRegistry(store, clock=time.time)
        yield Shared(asked, spent, network, registry, setting, log)


@pytest.fixture
def mallory(shared: Shared) -> Tenant:
    return shared.make("mallory")


@pytest.fixture
def victim(shared: Shared) -> Tenant:
    return shared.make("victim")
