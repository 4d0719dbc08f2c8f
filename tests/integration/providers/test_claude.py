"""Claude by Anthropic's API: `edgeway local` before a stand-in that compares bytes and keeps a prompt cache.

What is asked through the gateway is asked of the stand-in itself too, with another key: each key has its own cache.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from anthropic import Anthropic
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel

from tests.properties.official_requests import official_requests
from tests.running import EDGEWAY, Gateway, running_gateway
from tests.upstreams.claude import MODELS
from tests.upstreams.running import ClaudeStandIn, Received, running_claude

DIRECT, OPERATORS = "key-of-who-asks-directly", "key-of-the-operator"
MODEL = "claude-sonnet-5"
"""Of which the cache keeps prefixes of 1024 tokens."""
SHAPES = Path(__file__).parents[2] / "vectors" / "claude_code"
LONG = "Be brief, and be right. " * 400
EPHEMERAL = {"type": "ephemeral"}


@dataclass(frozen=True, slots=True)
class Ways:
    """Two ways to the stand-in."""

    stand_in: ClaudeStandIn
    gateway: Gateway
    clients: tuple[Anthropic, Anthropic]
    """The SDK without the gateway, and with it."""

    def received(self) -> tuple[list[Received], list[Received]]:
        """What came on each way."""
        return self.stand_in.asked(DIRECT), self.stand_in.asked(OPERATORS)

    def post(self, body: bytes, headers: Mapping[str, str] = {}, *, is_direct: bool = False) -> httpx.Response:
        """Send these bytes, as Claude Code does."""
        url, key = (self.stand_in.url, DIRECT) if is_direct else (self.gateway.url, self.gateway.key)
        own = {"x-api-key": key, "anthropic-version": "2023-06-01", "content-type": "application/json"}
        return httpx.post(f"{url}/v1/messages?beta=true", content=body, headers={**own, **headers}, timeout=60)


@pytest.fixture(scope="module")
def ways() -> Iterator[Ways]:
    with (
        running_claude() as stand_in,
        running_gateway(stand_in, **stand_in.environment(OPERATORS)) as gateway,
        Anthropic(base_url=stand_in.url, api_key=DIRECT, max_retries=0) as direct,
        Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as through,
    ):
        yield Ways(stand_in, gateway, (direct, through))


TOOL = {
    "name": "look",
    "description": "Look up the weather. " * 200,
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "number"}}},
}
USER = {"role": "user", "content": "Grüezi 👋 \u2028"}
BASE: dict[str, Any] = {"model": MODEL, "max_tokens": 4096, "messages": [USER]}
THINKING = {"type": "enabled", "budget_tokens": 2048}
SYSTEM = [{"type": "text", "text": LONG, "cache_control": {**EPHEMERAL, "ttl": "1h"}}]
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}


class Weather(BaseModel):
    """What an answer is to be parsed as."""

    city: str


def _streamed(client: Any) -> Any:
    with client.messages.stream(**BASE, system=SYSTEM, thinking=THINKING) as stream:
        return [event.type for event in stream], stream.get_final_message().model_dump()


def _tools(client: Any) -> Any:
    """A call, and its result in the next turn, with Claude's signed thinking as it was."""
    offered = {**BASE, "tools": [{**TOOL, "cache_control": EPHEMERAL}], "thinking": THINKING}
    first = client.messages.create(**offered, tool_choice={"type": "any"})
    [call] = [block for block in first.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "12 °C"}, IMAGE]}
    answered = [USER, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = client.messages.create(**{**offered, "messages": answered}, cache_control=EPHEMERAL)
    return [first.model_dump(), second.model_dump()]


def _beta(client: Any) -> Any:
    return client.beta.messages.create(
        **BASE,
        system=SYSTEM,
        betas=["context-management-2025-06-27", "mcp-client-2025-11-20", "tomorrow-2027-01-01"],
        context_management={"edits": [{"type": "clear_tool_uses_20250919", "clear_tool_inputs": True}]},
        mcp_servers=[{"type": "url", "name": "files", "url": "https://mcp.example.com", "authorization_token": "t"}],
        tools=[
            {"type": "mcp_toolset", "mcp_server_name": "files"},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
            {"type": "code_execution_20250825", "name": "code_execution"},
        ],
        container={"skills": [{"type": "anthropic", "skill_id": "pdf", "version": "latest"}]},
        output_config={"effort": "low"},
        service_tier="auto",
        speed="standard",
        inference_geo="us",
        extra_body={"of_tomorrow": {"a": [1, None, 1e-7]}},
    ).model_dump()


SUITE: Mapping[str, Callable[[Any], Any]] = {
    "create": lambda client: client.messages.create(**BASE).model_dump(),
    "every parameter": lambda client: client.messages.create(
        **BASE,
        stop_sequences=["a", "é"],
        system="Short.",
        service_tier="auto",
        inference_geo="us",
        metadata={"user_id": "u"},
        workspace_id="wrkspc_other",
        extra_body={"temperature": 0.50, "top_p": 1e-2, "top_k": 3, "of_tomorrow": {"a": [1, None, {}]}},
    ).model_dump(),
    "create, streamed": lambda client: [event.model_dump() for event in client.messages.create(**BASE, stream=True)],
    "stream": _streamed,
    "raw": lambda client: client.messages.with_raw_response.create(**BASE, system=SYSTEM).text(),
    "tools": _tools,
    "beta": _beta,
    "structured": lambda client: client.messages.with_raw_response.create(
        **BASE, output_config={"format": {"type": "json_schema", "schema": Weather.model_json_schema()}}
    ).text(),
    "image": lambda client: client.messages.create(
        **{**BASE, "messages": [{"role": "user", "content": [IMAGE, {"type": "text", "text": "What?"}]}]}
    ).model_dump(),
    "counts": lambda client: client.messages.count_tokens(model=MODEL, messages=[USER], system=LONG).model_dump(),
    "beta counts": lambda client: client.beta.messages.count_tokens(
        model=MODEL, messages=[USER], tools=[TOOL], betas=["token-counting-2024-11-01"]
    ).model_dump(),
}


@pytest.mark.parametrize("name", SUITE)
def test_the_sdks_requests_and_their_answers_are_as_without_the_gateway(ways: Ways, name: str) -> None:
    before = [len(each) for each in ways.received()]
    told = [SUITE[name](client) for client in ways.clients]
    assert told[0] == told[1]
    direct, through = (each[count:] for each, count in zip(ways.received(), before, strict=True))
    assert [each.body for each in through] == [each.body for each in direct]
    assert [each.usage for each in through] == [each.usage for each in direct]
    assert [each.path for each in through] == [each.path for each in direct]
    for sent, ours in zip(direct, through, strict=True):
        passed = {
            name: value for name, value in sent.headers.items() if name in ("anthropic-version", "anthropic-beta")
        }
        own = {"host", "x-api-key", "content-type", "content-length", "accept-encoding", "user-agent", "accept"}
        assert {name: value for name, value in ours.headers.items() if name not in own} == passed
        assert ours.headers["accept-encoding"] == "identity"


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(request=official_requests())
def test_whatever_the_official_description_allows_goes_through_to_the_byte(ways: Ways, request: Any) -> None:
    """But for what belongs to the account that all keys share."""
    asked = json.dumps({**request, "model": MODEL, "stream": False}, indent=1).encode()
    before = len(ways.stand_in.asked(OPERATORS))
    answer = ways.post(asked)
    sent = ways.stand_in.asked(OPERATORS)[before:]
    if answer.status_code in (400, 404) and not sent:
        refusal = answer.json()["error"]["message"]
        assert "belongs to the account that all keys" in refusal or refusal.startswith(
            "thread: this gateway keeps none"
        )
    else:
        [received] = sent
        assert _untouched(received.body, asked), answer.text


def _untouched(body: bytes, asked: bytes) -> bool:
    """Whether they are the same, but for thinking that no Claude has signed, which is taken out of the conversation."""
    return body == asked or (b'"thinking"' in asked and len(body) < len(asked))


def recorded(name: str) -> bytes:
    """A request of Claude Code's, for Claude."""
    return re.sub(rb'"model": "[^"]+"', f'"model": "{MODEL}"'.encode(), (SHAPES / f"{name}.json").read_bytes(), count=1)


RECORDED = [path.stem for path in sorted(SHAPES.iterdir()) if path.stem not in ("thinking-replayed", "count-tokens")]


@pytest.mark.parametrize("name", RECORDED)
def test_claude_codes_recorded_requests_hit_the_cache_as_without_the_gateway(ways: Ways, name: str) -> None:
    body = recorded(name)
    betas = {"anthropic-beta": "claude-code-20250219,context-management-2025-06-27"}
    before = [len(each) for each in ways.received()]
    told = [[ways.post(body, betas, is_direct=is_direct) for is_direct in (True, False)] for _ in range(2)]
    for direct, through in told:
        assert (through.status_code, through.content) == (direct.status_code, direct.content) == (200, direct.content)
    asked = [each[count:] for each, count in zip(ways.received(), before, strict=True)]
    assert [[each.body for each in way] for way in asked] == [[body, body], [body, body]]
    first, second = asked[1]
    assert second.usage["cache_read_input_tokens"] >= first.usage["cache_creation_input_tokens"]
    assert second.usage["cache_creation_input_tokens"] == 0
    if b"cache_control" in body and len(body) > 2 * 4 * 1024:
        assert second.usage["cache_read_input_tokens"] >= 1024


def test_thinking_of_another_model_is_taken_out_and_what_is_cached_before_it_stays(ways: Ways) -> None:
    body = recorded("thinking-replayed").replace(b'"lorem ips"', b'"ew1.shown"')
    assert ways.post(body, is_direct=True).status_code == 400
    first, second = ways.post(body), ways.post(body)
    assert (first.status_code, second.status_code) == (200, 200)
    ours = ways.received()[1][-2:]
    assert ours[1].usage["cache_read_input_tokens"] >= 1024
    assert ours[0].body == ours[1].body
    kept = json.loads(ours[0].body)
    assert [kept[name] for name in ("system", "tools")] == [json.loads(body)[name] for name in ("system", "tools")]
    assert body.count(b"cache_control") == ours[0].body.count(b"cache_control")


def plain(**more: Any) -> bytes:
    return json.dumps({**BASE, "messages": [{"role": "user", "content": "Hello"}], **more}).encode()


def refused(ways: Ways, body: bytes, says: str, status: int = 400, headers: Mapping[str, str] = {}) -> None:
    """Nothing of it reaches the upstream."""
    before = len(ways.stand_in.asked(OPERATORS))
    answer = ways.post(body, headers)
    assert (answer.status_code, says in answer.json()["error"]["message"]) == (status, True), answer.text
    assert len(ways.stand_in.asked(OPERATORS)) == before


@pytest.mark.parametrize("second", [b'"model"', b'"mod\\u0065l"', b'"m\\u006fdel"'])
def test_attack_a_model_named_twice(ways: Ways, second: bytes) -> None:
    """We would check one, and the upstream ask the other."""
    refused(ways, plain()[:-1] + b", " + second + b': "claude-opus-5"}', "holds a name twice")


@pytest.mark.parametrize("behind", [b'{"model": "claude-opus-5"}', b"\n\n{}", b"\x00", b"]", b",", b"\xef\xbb\xbf{}"])
def test_attack_bytes_behind_the_json(ways: Ways, behind: bytes) -> None:
    refused(ways, plain() + behind, "is not valid JSON")


def test_attack_bytes_that_end_the_request_early(ways: Ways) -> None:
    """A second request behind the first one, smuggled in its body, stays a part of that body."""
    smuggled = b"POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}"
    refused(ways, plain() + b"\r\n\r\n" + smuggled, "is not valid JSON")


def test_attack_the_operators_workspace(ways: Ways) -> None:
    answer = ways.post(plain(), {"anthropic-workspace-id": "wrkspc_other", "anthropic-organization-id": "org"})
    assert answer.status_code == 200
    assert not {"anthropic-workspace-id", "anthropic-organization-id"} & set(ways.received()[1][-1].headers)


HOP_BY_HOP = {
    "Connection": "keep-alive, x-api-key, anthropic-version",
    "Keep-Alive": "timeout=1",
    "TE": "trailers",
    "Proxy-Authorization": "Basic b3BlbjpzZXNhbWU=",
    "Proxy-Connection": "close",
    "Upgrade": "h2c",
    "Trailer": "x-api-key",
    "Cookie": "session=1",
    "Authorization": "Bearer another",
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Host": "evil.example.com",
    "Forwarded": "for=10.0.0.1",
    "Anthropic-Dangerous-Direct-Browser-Access": "true",
    "X-Stainless-Lang": "python",
    "Accept-Encoding": "gzip",
}


def test_attack_headers_hop_by_hop(ways: Ways) -> None:
    """`Connection` names headers that the next hop is to take out: ours go on all the same, and theirs end here."""
    connection = HTTPConnection(urlsplit(ways.gateway.url).netloc, timeout=60)
    headers = {"x-api-key": ways.gateway.key, "anthropic-version": "2023-06-01", **HOP_BY_HOP}
    headers["Connection"] = HOP_BY_HOP["Connection"]
    connection.request("POST", "/v1/messages", plain(), headers)
    assert connection.getresponse().status == 200
    connection.close()
    sent = ways.received()[1][-1].headers
    assert (sent["x-api-key"], sent["anthropic-version"]) == (OPERATORS, "2023-06-01")
    own = {"connection", "accept-encoding"}
    assert {name.lower() for name in HOP_BY_HOP}.intersection(sent) <= own
    assert "x-api-key" not in sent.get("connection", "")
    assert sent["accept-encoding"] == "identity"


@pytest.fixture(scope="module")
def narrow_key(ways: Ways) -> str:
    """A key that may use one model."""
    command = [str(EDGEWAY), "keys", "create", "--name", "narrow", "--model", MODEL, "--json"]
    made = subprocess.run(
        [*command, "--data", str(ways.gateway.output.parent / "data")], capture_output=True, check=True
    )
    key: str = json.loads(made.stdout)["key"]
    return key


DEAR = "claude-opus-5"
DEFINITION = {"type": "advisor_20260301", "name": "advisor", "model": DEAR}


@pytest.mark.parametrize(
    "inside",
    [
        {"fallbacks": [{"model": DEAR}]},
        {"fallbacks": [{"model": MODEL}, {"model": f"anthropic/{DEAR}"}]},
        {"fallbacks": "default"},
        {"tools": [DEFINITION]},
        {
            "messages": [
                {"role": "user", "content": "Hello"},
                {
                    "role": "system",
                    "content": [
                        {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": DEFINITION}}
                    ],
                },
            ]
        },
    ],
)
def test_attack_a_model_inside_that_the_key_may_not_use(ways: Ways, narrow_key: str, inside: dict[str, Any]) -> None:
    refused(ways, plain(**inside), "model: this key may not use", 403, {"x-api-key": narrow_key})
    assert ways.post(plain(**inside)).status_code == 200, "a key that may use all models"
    same = json.loads(json.dumps(inside).replace(f"anthropic/{DEAR}", MODEL).replace(DEAR, MODEL))
    if inside.get("fallbacks") != "default":
        assert ways.post(plain(**same), {"x-api-key": narrow_key}).status_code == 200


@pytest.mark.parametrize(
    ("more", "says", "status"),
    [
        ({"container": "container_of_another"}, "container: a container belongs", 400),
        ({"container": {"id": "container_of_another"}}, "container: a container belongs", 400),
        ({"thread": {"type": "continue", "id": "thread_1"}}, "thread: this gateway keeps none", 404),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "document", "source": {"type": "file", "file_id": "f"}}]}
                ]
            },
            "messages: a file belongs",
            400,
        ),
    ],
)
def test_attack_what_another_key_has_made(ways: Ways, more: dict[str, Any], says: str, status: int) -> None:
    refused(ways, plain(**more), says, status)


def test_attack_a_refusal_that_repeats_the_operators_key(ways: Ways) -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": f"no {OPERATORS}"}}
    ways.stand_in.play(400, error, **{"set-cookie": "a=1", "x-internal": "1", "anthropic-organization-id": "org"})
    answer = ways.post(plain())
    assert (answer.status_code, OPERATORS in answer.text) == (400, False)
    assert not {"set-cookie", "x-internal", "anthropic-organization-id"} & set(answer.headers)


def test_the_list_of_models_is_the_accounts(ways: Ways) -> None:
    """One that no catalogue knows is listed and asked by its own name, and what the account has not is not offered."""
    until = time.monotonic() + 60  # it is asked in the background
    while (listed := claudes_listed(ways)) != set(MODELS) and time.monotonic() < until:
        time.sleep(0.1)
    assert listed == set(MODELS)
    assert ways.post(plain(model=MODELS[1])).status_code == 200
    assert json.loads(ways.received()[1][-1].body)["model"] == MODELS[1]


def claudes_listed(ways: Ways) -> set[str]:
    """The models of Anthropic's, by its own ids."""
    url, headers = f"{ways.gateway.url}/v1/models?limit=1000", {"x-api-key": ways.gateway.key}
    ids = [model["id"] for model in httpx.get(url, headers=headers, timeout=60).json()["data"]]
    return {each.removeprefix("anthropic/") for each in ids if each.startswith("anthropic/claude")}
