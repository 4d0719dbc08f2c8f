"""An upstream that refuses what it does not know, behind the real functions: one retry, once for all environments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import PROVIDER_KEY, Start
from tests.integration.gateway.functions import Answer, Function, running
from tests.laws import check, decode, text_of
from tests.running import Upstream
from tests.unit.functions.functions import read_event


def ask(function: Function, key: str, play: str, **changes: Any) -> Answer:
    event = read_event("messages-stream", key)
    request = {**json.loads(event["body"]), "messages": [{"role": "user", "content": f"[[play:{play}]]"}], **changes}
    return function.call({**event, "body": json.dumps(request)})


def assert_answered(answer: Answer) -> None:
    events = decode(answer.body.encode())
    check(events)
    assert (answer.status, text_of(events)) == (200, "Hello from the upstream")


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize("field", ["store", "prompt_cache_key", "stream_options", "max_completion_tokens"])
def test_a_field_is_refused_once_for_all_environments(
    field: str, start: Start, key: str, upstream: Upstream, folder: Path, tmp_path: Path
) -> None:
    play = f"picky-{field}"
    answers = [ask(start("messages"), key, play) for _ in range(2)]
    store = f"sqlite:{folder}/edgeway.sqlite3"
    environment = {"OPENAI_API_KEY": PROVIDER_KEY, "OPENAI_BASE_URL": f"{upstream.url}/v1"}
    with running("messages", tmp_path, EDGEWAY_STORE=store, **environment) as another:
        answers.append(ask(another, key, play))
    for answer in answers:
        assert_answered(answer)
    assert [answer.headers["x-edgeway-attempts"] for answer in answers] == ["2", "1", "1"]
    assert [field in request["body"] for request in upstream.requests()] == [True, False, False, False]


@pytest.mark.failure_mode(19)
def test_a_prompt_that_leaves_room_is_answered(start: Start, key: str, upstream: Upstream) -> None:
    assert_answered(ask(start("messages"), key, "prompt-leaves-room#correction", max_tokens=32_000))
    limits = [
        request["body"].get("max_completion_tokens", request["body"].get("max_tokens"))
        for request in upstream.requests()
    ]
    assert limits == [32_000, 28_000]


@pytest.mark.failure_mode(35)
def test_what_is_learnt_is_logged_without_what_was_said(start: Start, key: str) -> None:
    ask(start("messages"), key, "picky-safety_identifier")
    lines = [json.loads(line) for line in start("messages").printed().splitlines() if line.startswith("{")]
    (learnt,) = [line for line in lines if line.get("traits") == {"refused_fields": ["safety_identifier"]}]
    assert (learnt["message"], learnt["model"]) == ("learnt", "openai/gpt-5")
