"""The demo model as a process: its routes, its stream, its end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from edgeway.demo import MODEL
from edgeway.demo.process import start
from edgeway.demo.wording import LABEL
from edgeway.model_process import ModelServer, ModelServerError, running
from tests.running import ROOT

HELLO = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(scope="module")
def demo() -> Iterator[ModelServer]:
    with start("--pace", "0.001") as server:
        yield server


@pytest.fixture(scope="module")
def client(demo: ModelServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=demo.base_url, trust_env=False) as client:
        yield client


def lines(answer: httpx.Response) -> Iterator[Any]:
    data = (line.removeprefix("data: ") for line in answer.iter_lines() if line)
    return (line if line == "[DONE]" else json.loads(line) for line in data)


def test_it_lists_itself(demo: ModelServer, client: httpx.Client) -> None:
    assert [model["id"] for model in client.get("/models").json()["data"]] == list(demo.models) == [MODEL]


def test_whole_and_streamed_say_the_same(client: httpx.Client) -> None:
    whole = client.post("/chat/completions", json=HELLO).json()
    assert whole["choices"][0]["message"]["content"].startswith(LABEL)
    *chunks, done = lines(client.post("/chat/completions", json={**HELLO, "stream": True}))
    assert done == "[DONE]"
    content = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert content == whole["choices"][0]["message"]["content"]


def test_the_same_request_has_the_same_answer(client: httpx.Client) -> None:
    asked = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
    first, second = (client.post("/chat/completions", json=asked).text for _ in range(2))
    assert first == second
    assert '"usage"' in first


def test_it_streams_word_by_word() -> None:
    with start("--pace", "0.2") as server, httpx.Client(base_url=server.base_url, trust_env=False) as client:
        asked = {**HELLO, "stream": True, "max_tokens": 5}
        with client.stream("POST", "/chat/completions", json=asked) as answer:
            arrived = [time.monotonic() for _ in lines(answer)]
    assert arrived[-1] - arrived[0] > 0.2 * 4


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/chat/completions", b"{", 400),
        ("POST", "/chat/completions", b"[]", 400),
        ("POST", "/chat/completions", b"{}", 400),
        ("GET", "/chat/completions", b"", 404),
        ("POST", "/embeddings", b"{}", 404),
    ],
)
def test_what_it_refuses(client: httpx.Client, method: str, path: str, body: bytes, status: int) -> None:
    answer = client.request(method, path, content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_it_ends_with_its_parent_however_that_ends() -> None:
    script = "from edgeway.demo.process import start\nwith start() as s: print(s.pid, flush=True); input()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        demo = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        demo.wait(timeout=10)


def test_a_server_that_does_not_start_says_so() -> None:
    expected = pytest.raises(ModelServerError, match=r"edgeway\.demo has not started \(exit status 2\)")
    with expected, running("edgeway.demo", ["--port", "none"], models=()):
        raise AssertionError("it runs")
