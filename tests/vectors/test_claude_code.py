"""The requests of the real Claude Code 2.1.330: shapes as recorded, texts replaced and cut short."""

import json
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from gateway.tokens.vocabulary import count_in
from translator.anthropic.request import parse_count_tokens_request, parse_messages_request
from translator.chat.request.request import encode_request
from translator.dialect import Caller, EncodedRequest
from translator.tokens.estimate import estimate_input_tokens
from translator.traits import Traits

from tests.laws.chat_requests import check_chat_request, keys_of
from tests.laws.google_schemas import check_google_schema
from tests.vectors.requests import OPENAI, PLAIN
from tests.vectors.requests.history import ECHO, GEMINI, MISTRAL
from tests.vectors.requests.reasoning import DEEPSEEK, GPT_5_6
from tests.vectors.requests.schemas import GOOGLE

REQUESTS = Path(__file__).parent / "claude_code"
CLAUDE_CODE = Caller(is_claude_code=True, session="5e55", user="05e4")
SAFEGUARDS = [{"type": "dangerous_tool_use", "classifier_context": {"cwd": "/home/me/secret-project"}}]
EVERYWHERE: dict[str, Traits] = {
    "unknown": PLAIN,
    "openai": OPENAI,
    "gpt-5.6": GPT_5_6,
    "deepseek": DEEPSEEK,
    "echo": ECHO,
    "gemini": GEMINI,
    "google": GOOGLE,
    "mistral": MISTRAL,
}
TOOLS = [
    "Agent", "Bash", "Edit", "ListAgents", "Read", "ReportFindings", "ScheduleWakeup", "Skill", "ToolSearch",
    "Workflow", "Write",
]  # fmt: skip


class Sent(NamedTuple):
    """What matters of the request that goes to OpenAI."""

    roles: list[str]
    tools: list[str]
    effort: str | None
    limit: int
    dropped: tuple[str, ...] = ("safeguards",)


SENT = {
    "bare": Sent(["system", "user"], ["Bash", "Edit", "Read"], "high", 32_000),
    "first-turn": Sent(["system", "user", "system"], TOOLS, "high", 32_000),
    "image-read": Sent(["system", "user", "system", "assistant", "tool", "user"], TOOLS, "high", 32_000),
    "model-probe": Sent(["system", "user"], [], "minimal", 16),
    "parallel-results": Sent(["system", "user", "system", "assistant", "tool", "tool"], TOOLS, "high", 32_000),
    "thinking-replayed": Sent(["system", "user", "system", "assistant", "tool"], TOOLS, "high", 32_000),
    "title": Sent(["system", "user"], [], "minimal", 32_000),
    "tool-result": Sent(["system", "user", "system", "assistant", "tool"], TOOLS, "high", 32_000),
    "web-search": Sent(["system", "user"], [], "minimal", 32_000, ("tools.web_search_20250305", "safeguards")),
}


def load(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    return body


def encode(name: str, traits: Traits) -> EncodedRequest:
    body = {**load(name), "safeguards": SAFEGUARDS, "cache_control": {"type": "ephemeral"}}
    return encode_request(parse_messages_request(body), model="upstream-model", traits=traits, caller=CLAUDE_CODE)


@pytest.mark.failure_mode(16)
@pytest.mark.failure_mode(38)
@pytest.mark.parametrize("name", [*SENT, "without-betas"])
@pytest.mark.parametrize("upstream", EVERYWHERE)
def test_nothing_that_is_nobody_elses_business_goes_upstream(name: str, upstream: str) -> None:
    body = encode(name, EVERYWHERE[upstream]).body
    check_chat_request(body)
    sent = json.dumps(body)
    for secret in ("x-anthropic-billing-header", "secret-project", "0" * 64, "device_id", "session_id"):
        assert secret not in sent
    assert not {"safeguards", "cache_control", "defer_loading", "metadata", "context_management"} & set(keys_of(body))


@pytest.mark.failure_mode(38)
@pytest.mark.failure_mode(48)
@pytest.mark.parametrize("name", SENT)
def test_what_openai_gets(name: str) -> None:
    encoded = encode(name, OPENAI)
    body = encoded.body
    assert SENT[name] == Sent(
        [message["role"] for message in body["messages"]],
        [tool["function"]["name"] for tool in body.get("tools", ())],
        body.get("reasoning_effort"),
        body["max_completion_tokens"],
        encoded.dropped,
    )
    assert (body["prompt_cache_key"], body["safety_identifier"]) == ("5e55", "05e4")


@pytest.mark.failure_mode(34)
def test_without_betas_every_tool_is_there() -> None:
    names = [tool["function"]["name"] for tool in encode("without-betas", OPENAI).body["tools"]]
    assert len(names) == 21
    assert "DeferredToolPlaceholder" not in names


@pytest.mark.failure_mode(6)
@pytest.mark.parametrize("name", [*SENT, "without-betas"])
def test_google_takes_every_tool_of_claude_codes(name: str) -> None:
    offered = load(name).get("tools") or []
    schemas = {tool["name"]: tool["input_schema"] for tool in offered if "input_schema" in tool}
    for tool in encode(name, GOOGLE).body.get("tools", ()):
        function = tool["function"]
        has_parameters = bool(schemas[function["name"]].get("properties"))
        assert ("parameters" in function) == has_parameters
        if has_parameters:
            check_google_schema(function["parameters"])
            assert list(function["parameters"]["properties"]) == list(schemas[function["name"]]["properties"])


@pytest.mark.failure_mode(47)
def test_a_title_is_asked_for_as_json() -> None:
    assert encode("title", OPENAI).body["response_format"]["json_schema"]["strict"] is True


@pytest.mark.failure_mode(16)
def test_the_same_conversation_begins_with_the_same_bytes() -> None:
    """Or no upstream's prompt cache is ever hit."""
    turns = load("parallel-results")
    shorter = {**turns, "messages": turns["messages"][:2]}
    long, short = (
        encode_request(parse_messages_request(body), model="m", traits=PLAIN, caller=CLAUDE_CODE).body
        for body in (turns, shorter)
    )
    assert long["messages"][: len(short["messages"])] == short["messages"]
    assert json.dumps(long["tools"]) == json.dumps(short["tools"])


@pytest.mark.failure_mode(28)
def test_tokens_are_counted() -> None:
    assert estimate_input_tokens(parse_count_tokens_request(load("count-tokens")), partial(count_in, "o200k_base")) > 1


def test_every_recording_is_used() -> None:
    assert {path.stem for path in REQUESTS.iterdir()} == {*SENT, "without-betas", "count-tokens"}
