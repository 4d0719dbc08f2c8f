"""What the official SDK raises, and what it is told, when an upstream or a caller errs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import anthropic
import httpx
import pytest
from anthropic import Anthropic, APIStatusError

from tests.laws import check
from tests.running import Gateway, Upstream
from tests.sdk.conftest import RawEvents
from tests.sdk.test_answers import asking
from tests.upstreams.errors import OVERFLOWS

# play: the class, the status, the type
REFUSALS: dict[str, tuple[type[APIStatusError], int, str]] = {
    "limited": (anthropic.RateLimitError, 429, "rate_limit_error"),
    "quota": (anthropic.InternalServerError, 500, "api_error"),
    "unauthorized": (anthropic.InternalServerError, 500, "api_error"),
    "model-not-found": (anthropic.NotFoundError, 404, "not_found_error"),
    "server-error": (anthropic.InternalServerError, 500, "api_error"),
    "html-502": (anthropic.InternalServerError, 500, "api_error"),
    "html-200": (anthropic.InternalServerError, 500, "api_error"),
    "redirect": (anthropic.InternalServerError, 500, "api_error"),
    "overloaded": (anthropic.OverloadedError, 529, "overloaded_error"),
    "error-first": (anthropic.OverloadedError, 529, "overloaded_error"),
    "error-first-vllm": (anthropic.OverloadedError, 529, "overloaded_error"),
    "error-first-detail": (anthropic.InternalServerError, 500, "api_error"),
    **{
        f"overflow-{name}": (anthropic.BadRequestError, 400, "invalid_request_error")
        for name in [*OVERFLOWS, "in-stream"]
    },
}
# These fail when part of the answer has been sent.
BREAKS = ("cut", "eof-without-finish", "error-after-text", "not-json", "finish-unknown", "tool-broken-json")
OUR_ACCOUNT = ("quota", "unauthorized")  # retrying does not help the caller
PLANTED = ("planted", "<html")  # what upstreams say that callers must not see


def kind(body: object) -> str:
    """The type in an error's body."""
    assert isinstance(body, Mapping)
    assert body["type"] == "error"
    found: str = body["error"]["type"]
    return found


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("play", REFUSALS)
def test_a_refusal_keeps_its_meaning(play: str, stream: bool, client: Anthropic) -> None:
    with pytest.raises(APIStatusError) as caught:
        client.messages.create(**asking(play), stream=stream)
    error = caught.value
    assert (type(error), error.status_code, kind(error.body)) == REFUSALS[play]
    assert error.request_id
    assert isinstance(error.body, Mapping)
    assert error.body["request_id"] == error.request_id
    assert not [word for word in PLANTED if word in str(error)]
    is_pointless = play in OUR_ACCOUNT or "prompt is too long" in str(error)
    assert error.response.headers.get("x-should-retry") == ("false" if is_pointless else None)


@pytest.mark.failure_mode(7)
@pytest.mark.parametrize("name", sorted(set(OVERFLOWS) - {"openai-window", "max-tokens"}))
def test_an_overflow_is_told_so_that_clients_compact(name: str, client: Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long: 150000 tokens > 128000 maximum"):
        client.messages.create(**asking(f"overflow-{name}"))


@pytest.mark.failure_mode(7)
def test_an_answer_that_would_not_fit_is_told_in_the_words_that_make_clients_ask_for_less(
    client: Anthropic,
) -> None:
    words = r"input length and `max_tokens` exceed context limit: 100000 \+ 32000 > 128000"
    with pytest.raises(anthropic.BadRequestError, match=words):
        client.messages.create(**asking("overflow-max-tokens"))


def test_an_overflow_without_numbers_is_told_where_half_of_the_window_is_full(client: Anthropic) -> None:
    request = {**asking("overflow-openai-window"), "model": "gpt-4o"}
    with pytest.raises(anthropic.BadRequestError, match="Your input exceeds the context window") as caught:
        client.messages.create(**request)
    assert "prompt is too long" not in str(caught.value)  # else a session is compacted for nothing
    with pytest.raises(anthropic.BadRequestError, match=r"prompt is too long: \d+ tokens > 128000 maximum"):
        client.messages.create(**request, system="word " * 80_000)


@pytest.mark.failure_mode(36)
def test_a_limit_says_when_to_come_back(client: Anthropic) -> None:
    with pytest.raises(anthropic.RateLimitError) as caught:
        client.messages.create(**asking("limited"))
    assert caught.value.response.headers["retry-after"] == "1"


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize("play", BREAKS)
def test_a_break_ends_the_stream_with_an_error(play: str, client: Anthropic, raw_events: RawEvents) -> None:
    with (
        pytest.raises(APIStatusError) as caught,
        client.messages.create(**asking(play), stream=True) as stream,
    ):
        deque(stream, maxlen=0)
    assert (caught.value.status_code, kind(caught.value.body)) == (200, "api_error")
    events = raw_events(**asking(play))
    check(events)
    assert [event["type"] for event in events if event["type"] in ("error", "message_stop")] == ["error"]
    assert kind(events[-1]) == "api_error"


@pytest.mark.failure_mode(13)
@pytest.mark.parametrize("play", BREAKS)
def test_a_break_of_a_whole_answer_is_a_status(play: str, client: Anthropic) -> None:
    with pytest.raises(anthropic.InternalServerError) as caught:
        client.messages.create(**asking(play))
    assert kind(caught.value.body) == "api_error"


@pytest.mark.parametrize("play", ["hang-up", "cut-before-text"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstream_that_hangs_up_is_a_status(play: str, stream: bool, client: Anthropic) -> None:
    with pytest.raises(anthropic.InternalServerError):
        client.messages.create(**asking(play), stream=stream)


@pytest.mark.parametrize("key", [None, "wrong", "ew_garbage", "caller-00000000000000000000000000000000"])
@pytest.mark.parametrize("form", ["x-api-key: {}", "authorization: Bearer {}", "authorization: {}"])
def test_a_wrong_key_is_refused_for_good(key: str | None, form: str, gateway: Gateway, upstream: Upstream) -> None:
    name, value = form.split(": ")
    headers = {} if key is None else {name: value.format(key)}
    answer = httpx.post(f"{gateway.url}/v1/messages", json=asking("plain"), headers=headers, trust_env=False)
    assert (answer.status_code, kind(answer.json())) == (401, "authentication_error")
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["request-id"] == answer.json()["request_id"]
    assert key is None or key not in answer.text
    assert upstream.requests() == []


def test_the_sdk_does_not_retry_a_wrong_key(gateway: Gateway) -> None:
    with (
        Anthropic(base_url=gateway.url, api_key="wrong") as client,
        pytest.raises(anthropic.AuthenticationError) as caught,
    ):
        client.messages.create(**asking("plain"))
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model": None}, "model"),
        ({"messages": []}, "messages"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"temperature": 2}, "temperature"),
        ({"messages": [{"role": "user", "content": [{"type": "texd", "text": "x"}]}]}, r"messages\.0\.content\.0"),
    ],
)
def test_a_bad_request_names_what_is_bad(change: dict[str, Any], named: str, client: Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match=named):
        client.messages.create(**asking("plain"), extra_body=change)


def test_an_unknown_model_is_not_found(client: Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.messages.create(**{**asking("plain"), "model": "no-such-model"})
    assert kind(caught.value.body) == "not_found_error"


@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/files", "/v1/complete", "/nowhere"])
def test_a_route_that_does_not_exist_is_not_found(path: str, raw: httpx.Client) -> None:
    answer = raw.post(path, json={})
    assert (answer.status_code, kind(answer.json())) == (404, "not_found_error")
