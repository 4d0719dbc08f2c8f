"""A real model's streams, read raw: lawful, prompt, and cut when nobody reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from edgeway.model_process import ModelServer
from edgeway.small_model import CONTEXT_WINDOW, NAME
from tests.laws import check, decode, text_of, tool_calls_of
from tests.real.asking import MODEL
from tests.real.conftest import REPORT
from tests.real.test_sdks import EXAMPLES, PERSON, WEATHER, user

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

STORY = {"model": MODEL, "max_tokens": 200, "temperature": 0, "messages": [user("Tell me a long story.")]}
STREAMS: dict[str, dict[str, Any]] = {
    "text": {"messages": [user("Say hello.")]},
    "a tool call": {"messages": [*EXAMPLES, user("What is the weather in Paris?")], "tools": [WEATHER]},
    "json": {
        "messages": [user("Alice is 31 years old.")],
        "output_config": {"format": {"type": "json_schema", "schema": PERSON}},
    },
    "stopped": {"messages": [user("Count: one, two, three")], "stop_sequences": [","]},
    "cut": {"messages": [user("Tell me a story.")], "max_tokens": 3},
    "thinking asked for": {
        "messages": [user("Say hello.")],
        "max_tokens": 1100,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    },
}


@pytest.mark.parametrize("name", STREAMS)
def test_it_is_lawful(name: str, raw: httpx.Client) -> None:
    asked = {"model": MODEL, "max_tokens": 100, "temperature": 0, **STREAMS[name], "stream": True}
    events = decode(raw.post("/v1/messages", json=asked).raise_for_status().content)
    check(events)
    assert events[-1]["type"] == "message_stop"
    assert text_of(events) or tool_calls_of(events)
    assert events[-2]["usage"]["output_tokens"] > 0


def test_its_speed(model: ModelServer, raw: httpx.Client, request: pytest.FixtureRequest) -> None:
    raw.post("/v1/messages", json={**STORY, "max_tokens": 1})  # so that the prompt is in the cache for both
    with httpx.Client(trust_env=False, timeout=120) as client:
        directly = timed(client, f"{model.base_url}/chat/completions", {**STORY, "model": "smollm2"})
    through = timed(raw, "/v1/messages", STORY)
    for way, (first, last, pieces) in {"directly": directly, "through the gateway": through}.items():
        speed = (pieces - 1) / (last - first)
        line = f"{NAME}, {way}: {1000 * first:.0f} ms to the first text, then {speed:.0f} tokens/s"
        request.config.stash[REPORT].append(line)
    assert through[2] == directly[2], "a piece of the model's is a piece of the gateway's"


def timed(client: httpx.Client, url: str, asked: dict[str, Any]) -> tuple[float, float, int]:
    """Seconds to the first and to the last piece of text, and their number."""
    asked_at = time.monotonic()
    with client.stream("POST", url, json={**asked, "stream": True}) as answer:
        times = [time.monotonic() - asked_at for _ in pieces(answer)]
    return times[0], times[-1], len(times)


def pieces(answer: httpx.Response) -> Iterator[str]:
    """The lines that hold a piece of text, in either protocol."""
    return (line for line in answer.iter_lines() if '"text_delta"' in line or '"delta":{"content":"' in line)


def test_a_prompt_that_is_too_long_is_told_as_clients_understand_it(raw: httpx.Client) -> None:
    asked = {"model": MODEL, "max_tokens": 10, "messages": [user("hello " * (CONTEXT_WINDOW + 500))]}
    answer = raw.post("/v1/messages", json=asked)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert answer.json()["error"]["message"].startswith("prompt is too long: ")
    assert f" tokens > {CONTEXT_WINDOW} maximum" in answer.json()["error"]["message"]


def test_a_caller_who_leaves_stops_the_model(model: ModelServer, raw: httpx.Client) -> None:
    endless = {**STORY, "max_tokens": 8000, "messages": [user("Write down all numbers from 1 to 100000.")]}
    with raw.stream("POST", "/v1/messages", json={**endless, "stream": True}) as answer:
        next(pieces(answer))
    until = time.monotonic() + 60
    with httpx.Client(base_url=model.base_url.removesuffix("/v1"), trust_env=False) as client:
        while any(slot["is_processing"] for slot in client.get("/slots").json()):
            assert time.monotonic() < until, "the model goes on with nobody to read it"
            time.sleep(0.05)
