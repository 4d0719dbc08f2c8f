"""An upstream's rate limits under the names that clients know."""

from __future__ import annotations

from asyncio import Event
from collections.abc import Mapping

import pytest

from tests.unit.gateway.fakes import ROLE, FakeAnswer, Harness, fine, receive

LIMITS = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "28123",
    "x-ratelimit-reset-tokens": "1m3.6s",
}
TOLD = {
    "anthropic-ratelimit-requests-limit": "500",
    "anthropic-ratelimit-requests-remaining": "499",
    "anthropic-ratelimit-requests-reset": "2026-10-14T17:46:41Z",
    "anthropic-ratelimit-tokens-limit": "30000",
    "anthropic-ratelimit-tokens-remaining": "28123",
    "anthropic-ratelimit-tokens-reset": "2026-10-14T17:47:45Z",
}


def limits(headers: Mapping[str, str]) -> dict[str, str]:
    """What the headers of an answer tell of rate limits."""
    return {name: value for name, value in headers.items() if "ratelimit" in name}


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_tells_of_them(stream: bool) -> None:
    answered = fine()
    answered.headers = LIMITS
    assert limits(Harness([answered]).ask(stream=stream).headers) == TOLD


def test_so_does_a_stream_that_begins_before_its_content() -> None:
    content = Event()
    answered = fine([ROLE], content)
    answered.headers = LIMITS
    response = Harness([answered], providers=["one"]).handle(stream=True)
    content.set()
    assert limits(receive(response).headers) == TOLD


@pytest.mark.failure_mode(36)
@pytest.mark.parametrize("stream", [False, True])
def test_so_does_a_refusal(stream: bool) -> None:
    refused = FakeAnswer([], 429, LIMITS, b'{"error": {"message": "slow down"}}')
    answer = Harness([refused], providers=["one"]).ask(stream=stream)
    assert (answer.status, answer.headers["retry-after"], limits(answer.headers)) == (429, "60", TOLD)


def test_what_the_next_candidate_answers_is_not_mixed_with_it() -> None:
    refused = FakeAnswer([], 429, LIMITS, b'{"error": {"message": "slow down"}}')
    assert limits(Harness([refused, fine()]).ask().headers) == {}


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, {}),
        ({"x-ratelimit-limit": "5"}, {}),
        ({"x-ratelimit-limit-tokens": "many", "x-ratelimit-remaining-tokens": "-1"}, {}),
        ({"x-ratelimit-limit-tokens": "9" * 99, "x-ratelimit-reset-tokens": "9" * 99 + "s"}, {}),
        ({"x-ratelimit-reset-requests": "999999999h", "x-ratelimit-reset-tokens": "8785h"}, {}),
        ({"x-ratelimit-limit-tokens": "٣", "x-ratelimit-reset-tokens": "٣s"}, {}),
        ({"x-ratelimit-reset-tokens": "8784h"}, {"anthropic-ratelimit-tokens-reset": "2027-10-15T17:46:41Z"}),
        ({"x-ratelimit-reset-tokens": "soon\r\nx-evil: 1"}, {}),
        ({"x-ratelimit-limit-tokens": "5"}, {"anthropic-ratelimit-tokens-limit": "5"}),
        ({"x-ratelimit-reset-requests": "0s"}, {"anthropic-ratelimit-requests-reset": "2026-10-14T17:46:41Z"}),
    ],
)
def test_only_what_is_a_number_is_told(headers: Mapping[str, str], told: Mapping[str, str]) -> None:
    answered = fine()
    answered.headers = headers
    assert limits(Harness([answered]).ask().headers) == told


@pytest.mark.parametrize(
    ("answered", "attempts"), [(fine(), "1"), (FakeAnswer([], 500, body=b"oh"), "1,one/model=upstream_error")]
)
def test_every_answer_tells_how_it_was_served(answered: FakeAnswer, attempts: str) -> None:
    answer = Harness([answered], providers=["one"]).ask()
    told = {name: value for name, value in answer.headers.items() if name != "content-type"}
    assert told == {
        "request-id": "req_11111111222233334444555555555555",
        "server-timing": "edgeway;dur=0.0, upstream;dur=0.0",
        "x-edgeway-model": "one/model",
        "x-edgeway-attempts": attempts,
        "x-edgeway-cache": "off",
    }
