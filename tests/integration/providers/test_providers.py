"""One request to every provider, through the real function, up to where bytes leave it: in its own dialect.

Those that are asked in OpenAI's Responses first are asked for chat completions here, which they speak as well.

All providers are configured at once, each with a key of its own, so that a request with anybody else's would be seen.
"""

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.money.rate_limits import RateLimiter
from gateway.routes.messages import MessagesFunction, Services
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration
from gateway.routing.directory import ModelDirectory
from gateway.routing.provider_table import Authentication
from gateway.routing.providers import Provider, all_providers
from gateway.upstream.client import HttpUpstream
from translator.chat.dialect import ChatDialect
from translator.traits import Traits

from tests.integration.providers.network import MESSAGE, STREAM, Answer, Received, StandIn
from tests.loop import run
from tests.unit.gateway.fakes import FakeLedger, FakeMemory, no_store, unshared_health

ASKED = [provider for provider in all_providers().values() if provider.base_url]
CALLERS_KEY = "ew_the-callers-own-key"
KEY = KeyRecord(id="key_1", name="", hint="", created=0)
SECONDS = 60.0

QUESTION: Mapping[str, Any] = {
    "max_tokens": 100,
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "hello"}],
    "temperature": 0.5,
    "top_p": 0.25,
    "top_k": 7,
    "metadata": {"user_id": json.dumps({"device_id": "a", "session_id": "b"})},
    "service_tier": "priority",
    "thinking": {"type": "enabled", "budget_tokens": 5000},
    "tools": [{"name": "read", "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}}],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
}
"""Asks for everything that some upstream does not know."""


def played(received: Received) -> Answer:
    """The same answer in the dialect of the path."""
    is_native = received.url.partition("?")[0].endswith("/messages")
    return Answer([MESSAGE], content_type="application/json") if is_native else Answer([STREAM])


def secret(variable: str) -> str:
    """What stands in a variable: nothing in it but the variable tells one secret from another."""
    return f"sk-{sha256(variable.encode()).hexdigest()}"


@pytest.fixture(scope="module")
def environ() -> dict[str, str]:
    environ = {
        "AWS_SECRET_ACCESS_KEY": secret("AWS_SECRET_ACCESS_KEY"),
        "AWS_SESSION_TOKEN": secret("AWS_SESSION_TOKEN"),
    }
    for provider in ASKED:
        # What stands in an endpoint is its whole origin, or a part of its host.
        environ |= dict.fromkeys(
            provider.base_url_needs, "https://here.example" if provider.base_url[0] == "$" else "here"
        )
        environ |= {variable: secret(variable) for variable in provider.key_variables}
        if provider.local:
            environ[provider.base_url_variables[0]] = provider.base_url
    return environ


@pytest.fixture(scope="module")
def directory(environ: dict[str, str]) -> ModelDirectory:
    async def given() -> dict[str, str]:
        return environ

    return ModelDirectory(Configuration(catalogue=Catalogue.open()), environ=given, clock=lambda: 0.0)


@pytest.fixture(scope="module")
def network() -> StandIn:
    return StandIn(played)


@pytest.fixture(scope="module")
def function(directory: ModelDirectory, network: StandIn) -> Iterator[MessagesFunction]:
    upstream = HttpUpstream({}, network=network)
    yield MessagesFunction(
        Services(
            admission=Admission(authenticator=None),
            route=directory.route,
            dialects={"chat": ChatDialect()},
            upstream=upstream,
            ledger=FakeLedger(),
            limiter=RateLimiter(no_store, clock=time.time, log=lambda *_: None),
            over_budget=None,
            report_cost=False,
            record=None,
            memory=FakeMemory(),
            health=unshared_health(time.time),
            log=lambda message, fields: logging.getLogger("edgeway").info("%s %s", message, dict(fields)),
            monotonic=time.monotonic,
            clock=time.time,
            new_id=lambda: "0123456789abcdef",
        )
    )
    run(upstream.close())


def model_of(provider: Provider) -> str:
    """A model of the provider's that the catalogue knows to call tools, or any name where it knows none."""
    if provider.tiers is not None:
        return provider.tiers["sonnet"]
    known = (facts.id for facts in Catalogue.open().search(f"{provider.id}/") if facts.provider == provider.id)
    return next(known, "a-model")


def event(model: str) -> dict[str, Any]:
    """What API Gateway hands to the function: with the caller's key in both headers, and the authorizer's word."""
    return {
        "httpMethod": "POST",
        "path": "/v1/messages",
        "headers": {"x-api-key": CALLERS_KEY, "Authorization": f"Bearer {CALLERS_KEY}", "X-Amzn-Trace-Id": "Root=1"},
        "body": json.dumps({**QUESTION, "model": model}),
        "requestContext": {"requestId": "r", "authorizer": {"keyId": "key_1"}},
    }


SWITCHES = {"reasoning_enabled": "reasoning"}
"""The switches that are not called as their trait's value."""


def expected_fields(traits: Traits) -> set[str]:
    """The fields of the body, by what the traits say and the question asks for."""
    optional = {"temperature", "top_p", "top_k", "stream_options", "parallel_tool_calls", "service_tier"}
    optional |= {"safety_identifier", "prompt_cache_key", "store", "reasoning_format"}
    fields = {"model", "messages", "stream", "tools", "tool_choice", traits.max_tokens_field}
    fields |= optional & traits.fields
    if traits.thinking_toggle:
        fields.add(SWITCHES.get(traits.thinking_toggle, traits.thinking_toggle))
    if traits.thinking_toggle == "enable_thinking":
        fields.add("thinking_budget")
    has_effort = traits.efforts and traits.reasoning_with_tools == "any"
    if (has_effort or traits.reasoning_with_tools == "none") and traits.thinking_toggle != "reasoning":
        fields.add("reasoning_effort")
    return fields


def check_headers(
    received: Received, provider: Provider, authentication: Authentication, expected: Mapping[str, str]
) -> None:
    """`expected`: beside what each request has, and the key."""
    key = secret(provider.key_variables[0])
    host = urlsplit(received.url).netloc
    name, value = {
        "bearer": ("authorization", f"Bearer {key}"),
        "api-key": ("api-key", key),
        "x-api-key": ("x-api-key", key),
    }[authentication]
    length = received.headers["content-length"]
    assert received.headers == {
        "host": host,
        "accept": "text/event-stream, application/json, application/vnd.amazon.eventstream",
        "accept-encoding": "identity",
        "user-agent": "edgeway",
        "content-type": "application/json",
        "content-length": length,
        name: value,
        **expected,
    }


def filled(template: str, environ: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda needed: environ[needed[1]], template)


def check_body(received: Received, model: str, traits: Traits) -> None:
    body = received.body
    assert set(body) == expected_fields(traits)
    assert (body["model"], body["stream"], body[traits.max_tokens_field]) == (model, True, 100)
    forced = "auto" if traits.tool_choice == "unforced" else "required"
    assert body["tool_choice"] == forced
    assert [tool["function"]["name"] for tool in body["tools"]] == ["read"]
    asked = {"temperature": 0.5, "top_p": 0.25, "top_k": 7, "parallel_tool_calls": False, "service_tier": "priority"}
    sent = {name: body[name] for name in asked if name in body}
    assert sent == {name: asked[name] for name in sent}
    assert body.get("reasoning_effort", "none") in (*traits.efforts, "none")


def test_more_than_a_hundred_are_asked() -> None:
    assert len(ASKED) > 150


def test_some_are_asked_in_the_messages_api(directory: ModelDirectory) -> None:
    names = [f"{provider.id}/{model_of(provider)}" for provider in ASKED]
    best = {name.partition("/")[0]: run(directory.route(name, KEY))[0].dialects[0] for name in names}
    native = {provider for provider, dialect in best.items() if dialect == "anthropic"}
    assert native >= {"anthropic", "claude-platform-aws", "amazon-bedrock", "minimax", "kimi-for-coding"}
    assert native.isdisjoint({"openai", "groq", "mistral", "ollama"})


@pytest.mark.parametrize("provider", ASKED, ids=lambda provider: provider.id)
def test_a_request(
    provider: Provider,
    environ: dict[str, str],
    directory: ModelDirectory,
    network: StandIn,
    function: MessagesFunction,
) -> None:
    network.received.clear()
    name = f"{provider.id}/{model_of(provider)}"
    answer = run(function.handle(event(name), seconds_left=SECONDS))

    assert isinstance(answer, dict)
    assert answer["statusCode"] == 200, answer["body"]
    assert json.loads(answer["body"])["content"] == [{"type": "text", "text": "hello", "citations": None}]
    candidate = run(directory.route(name, KEY))[0]
    assert answer["headers"]["x-edgeway-model"] == candidate.name
    # The endpoint of AWS spells an id in its own way.
    assert candidate.name == name or (provider.ids and candidate.name.endswith(f".{model_of(provider)}"))

    [received] = network.received
    told = {name: filled(value, environ) for name, value in provider.headers.items()}
    if candidate.dialects[0] == "anthropic":
        url = provider.endpoints.get("anthropic", provider.base_url) + "/messages"
        check_headers(
            received,
            provider,
            provider.native or provider.authentication,
            {**told, "anthropic-version": "2023-06-01"},
        )
        assert received.body == {**QUESTION, "model": candidate.model}
    else:
        url = provider.base_url + "/chat/completions"
        check_headers(received, provider, provider.authentication, told)
        check_body(received, candidate.model, candidate.traits)
    assert (received.method, received.url) == ("POST", filled(url, environ))
    own = {secret(provider.key_variables[0])}
    secrets = {value for value in environ.values() if value.startswith("sk-")} | {CALLERS_KEY}
    assert {each for each in secrets if each.encode() in received.written} == own
