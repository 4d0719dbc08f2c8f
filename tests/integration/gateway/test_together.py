"""Twenty callers at once, most of them met by a misbehaving upstream: the others notice nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from translator.anthropic.errors import STATUS

from tests.laws import check, decode, text_of
from tests.running import Gateway, Upstream, running_gateway
from tests.upstreams.outcomes import OUTCOMES

PIECES = 40
GOOD = f"pace-{PIECES}x10"
HOSTILE = (
    "endless-event", "reset", "head-without-end", "http-interim-without-end", "chunk-of-no-size", "html-as-events",
    "nested-too-deeply", "large-event", "error-endless", "call-complete-then-cut", "gzip-though-identity-was-asked",
    "calls-by-the-hundred", "answer-that-nobody-asked-for", "hang-up",
)  # fmt: skip


@pytest.fixture(scope="module")
def gateway(scripted: Upstream) -> Iterator[Gateway]:
    with running_gateway(scripted) as gateway:
        yield gateway


@pytest.mark.failure_mode(13)
def test_who_is_answered_well_does_not_notice_who_is_not(gateway: Gateway) -> None:
    assert OUTCOMES.keys() >= set(HOSTILE)
    plays = [*HOSTILE, *[GOOD] * 6]
    with httpx.Client(base_url=gateway.url, headers={"x-api-key": gateway.key}, trust_env=False, timeout=60) as client:

        def asked(play: str) -> httpx.Response:
            request: Mapping[str, Any] = {
                "model": f"openai/hostile/{play}",
                "max_tokens": 4000,
                "stream": True,
                "messages": [{"role": "user", "content": "Hello"}],
            }
            return client.post("/v1/messages", json=request)

        with ThreadPoolExecutor(len(plays)) as callers:
            answers = list(callers.map(asked, plays))
    for answer in answers:
        if answer.status_code == 200:
            check(decode(answer.content))
        else:
            assert answer.status_code in STATUS.values()
    for answer in answers[len(HOSTILE) :]:
        events = decode(answer.content)
        assert events[-1]["type"] == "message_stop"
        assert [line.split()[0] for line in text_of(events).splitlines()] == [str(number) for number in range(PIECES)]
