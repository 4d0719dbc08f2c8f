"""The search for planted secrets, which every test with a gateway ends in, finds them."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from gateway.access.keys import hash_key

from tests.running import END_OF_SCREEN, Gateway, find_leaks, running_gateway, running_upstream

PLANTED = {"a key": "planted-key", "a prompt": "planted-prompt"}


@pytest.mark.parametrize(
    ("printed", "file", "found"),
    [
        ("200  gpt-5", b"nothing", []),
        ("MessagesFunction: planted-key", b"nothing", ["a key in its output"]),
        ("", b"\0\1planted-prompt\2", ["a prompt in below/edgeway.db"]),
    ],
)
def test_what_is_planted_is_found(printed: str, file: bytes, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "edgeway.db").write_bytes(file)
    assert find_leaks(PLANTED, printed, tmp_path) == found


def ask(gateway: Gateway) -> None:
    message = {"role": "user", "content": "Hello [[play:plain]]"}
    answer = httpx.post(
        f"{gateway.url}/v1/messages",
        headers={"x-api-key": gateway.key},
        json={"model": "gpt-5", "max_tokens": 100, "messages": [message]},
    )
    assert answer.status_code == httpx.codes.OK
    until = time.monotonic() + 10  # the line of a request is printed when it has ended
    while not gateway.statuses() and time.monotonic() < until:
        time.sleep(0.02)


def test_the_search_sees_what_the_gateway_leaves_behind() -> None:
    with running_upstream() as upstream, running_gateway(upstream) as gateway:
        ask(gateway)
        before, screen_ended, after = gateway.log().partition(END_OF_SCREEN)
        data = gateway.output.parent / "data"
        assert screen_ended
        assert gateway.key in before  # for people to copy
        assert find_leaks({"the model": "gpt-5 → openai/gpt-5"}, after, data) == ["the model in its output"]
        with closing(sqlite3.connect(data / "edgeway.db")) as database:
            partitions = [partition for (partition,) in database.execute("SELECT pk FROM items")]
        audits = [partition for partition in partitions if re.fullmatch(r"AUDIT#(addresses|\d{4}-\d\d)", partition)]
        assert len(audits) == 2  # the secret that hides addresses, and that a key was made
        assert [each for each in partitions if each not in audits] == [f"KEY#{hash_key(gateway.key)}"]


def test_a_leak_fails_the_run() -> None:
    leaky = pytest.raises(AssertionError, match=r"the upstream's key in notes\.txt")
    with running_upstream() as upstream, leaky, running_gateway(upstream) as gateway:
        (gateway.output.parent / "data" / "notes.txt").write_text(gateway.upstream_key)
