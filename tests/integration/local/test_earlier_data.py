"""A data folder of the last release, with all that it and others have left there, works without a manual step."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.running import EDGEWAY, provided, running_upstream, serving
from tests.unit.gateway import stored_items

LOCAL = ("local", "--port", "0", "--no-reload", "--data", "data", "--key", stored_items.KEY)
SERVE = ("serve", "--host", "127.0.0.1", "--port", "0")


@pytest.mark.parametrize("command", [LOCAL, SERVE], ids=["local", "serve"])
def test_a_key_of_the_last_release_gets_in_and_is_revoked_whatever_is_learnt(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    setting = f"sqlite:{tmp_path}/data/edgeway.db"
    stored_items.fill(setting)
    with running_upstream() as upstream:
        environment = {**provided(upstream, "upstream-key", tmp_path), "EDGEWAY_STORE": setting}

        def edgeway(*words: str) -> str:
            ran = subprocess.run(
                [str(EDGEWAY), *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr
            return ran.stdout

        words = [str(EDGEWAY), *command]
        with serving(words, tmp_path, environment, stored_items.KEY, "upstream-key") as gateway:
            asked = {
                "model": "gpt-5",
                "max_tokens": 9,
                "messages": [{"role": "user", "content": "[[play:picky-stream_options]]"}],
            }
            headers = {"x-api-key": stored_items.KEY}
            answers = [httpx.post(f"{gateway.url}/v1/messages", headers=headers, json=asked, timeout=60) for _ in "ab"]
            assert [(each.status_code, each.headers["x-edgeway-attempts"]) for each in answers] == [
                (200, "2"),
                (200, "1"),
            ]
            report = json.loads(edgeway("doctor", "--url", gateway.url, "--key", stored_items.KEY, "--json"))
            assert report["failed"] == 0
            edgeway("keys", "revoke", "alice")
            listed = json.loads(edgeway("keys", "list", "--json"))
    assert [(each["name"], each["status"]) for each in listed] == [("", "unreadable"), ("alice", "revoked")]
