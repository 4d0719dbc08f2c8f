"""The scripted upstream does what its scripts say; other tests rest on that."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.running import ROOT, Upstream, running_upstream
from tests.upstreams.answers import Cut, HangUp, Reset, Stream, Verbatim
from tests.upstreams.responses_scenarios import RESPONSES
from tests.upstreams.scenarios import ANSWERS, SCRIPTS, find


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with running_upstream() as running:
        yield running


@pytest.fixture(scope="module")
def caller(upstream: Upstream) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=upstream.url, trust_env=False) as caller:
        yield caller


@pytest.fixture
def client(upstream: Upstream, caller: httpx.Client) -> httpx.Client:
    upstream.forget()
    return caller


def asked(prompt: str, *results: str) -> dict[str, Any]:
    tools = [{"role": "tool", "tool_call_id": "call", "content": result} for result in results]
    return {"model": "gpt-5", "stream": True, "messages": [{"role": "user", "content": prompt}, *tools]}


def chunks(answer: httpx.Response) -> list[dict[str, Any]]:
    data = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    assert data.pop() == "[DONE]"
    return [json.loads(line) for line in data]


def content(answer: httpx.Response) -> str:
    return "".join(choice["delta"].get("content", "") for chunk in chunks(answer) for choice in chunk["choices"])


def test_what_is_asked_is_recorded(upstream: Upstream, client: httpx.Client) -> None:
    answer = client.post("/v1/chat/completions", json=asked("Hello"), headers={"authorization": "Bearer k"})
    assert content(answer) == "Hello from the upstream"
    (request,) = upstream.requests()
    assert request["headers"]["authorization"] == "Bearer k"
    assert request["body"] == asked("Hello")
    assert upstream.streams() == [{"play": "plain", "chunks": 7, "ended": "finished"}]


def test_a_conversation_goes_by_its_tool_results(upstream: Upstream, client: httpx.Client) -> None:
    prompt = "Do it. [[play:write-then-echo]] [[file:/tmp/note]]"
    first, last = (client.post("/v1/chat/completions", json=asked(prompt, *results)) for results in ([], ["ok", "ran"]))
    assert '\\"/tmp/note\\"' in first.text
    assert upstream.nonce() in first.text
    assert content(last) == f"All done: {upstream.nonce()}"


def test_attempts_are_counted_for_each_tag(client: httpx.Client) -> None:
    statuses = [
        client.post("/v1/chat/completions", json=asked(f"[[play:limited-then-fine#{tag}]]")).status_code
        for tag in ("a", "a", "b", "b")
    ]
    assert statuses == [429, 200, 429, 200]


@pytest.mark.parametrize("play", ["cut", "cut-before-text", "hang-up"])
def test_a_cut_is_seen_as_one(play: str, upstream: Upstream, client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/v1/chat/completions", json=asked(f"[[play:{play}]]"))
    assert [stream["ended"] for stream in upstream.streams()] == ["cut"]


def test_a_caller_who_leaves_is_noticed(upstream: Upstream, client: httpx.Client) -> None:
    with client.stream("POST", "/v1/chat/completions", json=asked("[[play:silence-60000]]")) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("data: ")
        assert [stream["ended"] for stream in upstream.streams()] == ["open"]
    until = time.monotonic() + 10
    while upstream.streams()[0]["ended"] == "open" and time.monotonic() < until:
        time.sleep(0.01)
    assert [stream["ended"] for stream in upstream.streams()] == ["peer closed"]


def test_paced_chunks_carry_the_time_at_which_they_were_sent(client: httpx.Client) -> None:
    before = time.monotonic_ns()
    answer = client.post("/v1/chat/completions", json=asked("[[play:pace-5x2]]"))
    lines = [line.split() for line in content(answer).splitlines()]
    times = [before, *(int(sent) for _, sent in lines), time.monotonic_ns()]
    assert [number for number, _ in lines] == ["0", "1", "2", "3", "4"]
    assert times == sorted(times)


ENDED_BY_THE_SCRIPT = (Cut, HangUp, Reset, Verbatim)


def is_cut(answer: object) -> bool:
    steps = answer.steps if isinstance(answer, Stream) else (answer,)
    return any(isinstance(step, ENDED_BY_THE_SCRIPT) for step in steps)


@pytest.mark.parametrize("play", [*ANSWERS, *SCRIPTS, "silence-1", "late-1", "status-418"])
def test_everything_can_be_played(play: str, upstream: Upstream, client: httpx.Client) -> None:
    script = find(play)
    assert script is not None
    with suppress(httpx.TransportError):
        answer = client.post("/v1/chat/completions", json={**asked("Hello"), "model": f"hostile/{play}"})
        assert b"no such scenario" not in answer.content
    (played,) = upstream.streams()
    assert played["play"] == play
    assert (played["ended"] == "cut") == is_cut(script[0][0])


def test_it_lists_what_it_can_play() -> None:
    command = [sys.executable, "-m", "tests.upstreams.scripted", "--list"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == [*ANSWERS, *RESPONSES]
