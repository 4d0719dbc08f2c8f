"""A worker of the real gateway is killed in the middle of a real answer: nobody else notices."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.laws import Event, check, decode, text_of
from tests.running import Gateway, Upstream
from tests.serving import gateway, serving, upstream

__all__ = ["gateway", "serving", "upstream"]

CHUNKS = 300


@pytest.fixture
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, headers={"x-api-key": gateway.key}, trust_env=False, timeout=30) as client:
        yield client


def request(play: str) -> dict[str, Any]:
    message = {"role": "user", "content": f"Count. [[play:{play}]]"}
    return {"model": "gpt-5", "max_tokens": 1000, "messages": [message], "stream": True}


def busy_workers(gateway: Gateway, upstream: Upstream) -> set[int]:
    """The workers that hold a connection to the upstream."""
    port = int(upstream.url.rpartition(":")[2])
    return {
        process.pid
        for process in psutil.Process(gateway.pid).children(recursive=True)
        for connection in process.net_connections("tcp")
        if connection.raddr and connection.raddr.port == port
    }


def until_text(lines: Iterator[str]) -> list[str]:
    """The lines up to the first text."""
    read = []
    for line in lines:
        read.append(line)
        if "text_delta" in line:
            break
    return read


def events_of(*lines: str) -> list[Event]:
    """What the lines of a whole stream say, if it is lawful."""
    events = decode("\n".join([*lines, ""]).encode())
    check(events)
    return events


def test_only_its_own_stream_ends(client: httpx.Client, gateway: Gateway, upstream: Upstream) -> None:
    with client.stream("POST", "/v1/messages", json=request(f"pace-{CHUNKS}x10")) as doomed:
        lines = doomed.iter_lines()
        begun = until_text(lines)
        [worker] = busy_workers(gateway, upstream)
        with client.stream("POST", "/v1/messages", json=request(f"pace-{CHUNKS}x5")) as other:
            other_lines = other.iter_lines()
            other_begun = until_text(other_lines)
            assert len(busy_workers(gateway, upstream)) == 2
            os.kill(worker, signal.SIGKILL)
            last = events_of(*begun, *lines)[-1]
            text = text_of(events_of(*other_begun, *other_lines))
    assert (last["type"], last["error"]["type"]) == ("error", "api_error")
    assert last["request_id"] == doomed.headers["request-id"]
    assert [line.split()[0] for line in text.splitlines()] == [str(number) for number in range(CHUNKS)]
    answer = client.post("/v1/messages", json={**request("plain"), "stream": False})
    assert (answer.status_code, answer.json()["content"][0]["text"]) == (200, "Hello from the upstream")
    assert "MessagesFunction: a worker ended with signal SIGKILL" in gateway.log()
    ended = [line for line in gateway.log().splitlines() if "the answer broke off" in line]
    assert [line.split()[:3] for line in ended] == [["200", "POST", "/v1/messages"]]
