"""The official SDK, and the same requests read raw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from anthropic import Anthropic

from tests.laws import Event, decode
from tests.running import Gateway
from tests.serving import gateway, serving, upstream

__all__ = ["gateway", "serving", "upstream"]

RawEvents = Callable[..., list[Event]]


@pytest.fixture(scope="session")
def raw(serving: Any) -> Iterator[httpx.Client]:
    """Requests with the SDK's headers, but nothing between the test and the bytes."""
    gateway: Gateway = serving[1]
    with httpx.Client(base_url=gateway.url, headers={"x-api-key": gateway.key}, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def client(serving: Any) -> Iterator[Anthropic]:
    """The SDK as its users have it, but without retries, and strict about what it receives."""
    gateway: Gateway = serving[1]
    with Anthropic(
        base_url=gateway.url, api_key=gateway.key, max_retries=0, _strict_response_validation=True
    ) as client:
        yield client


@pytest.fixture
def raw_events(raw: httpx.Client) -> RawEvents:
    """Posts a request and reads the stream of its answer line by line."""

    def events(**request: Any) -> list[Event]:
        with raw.stream("POST", "/v1/messages", json={**request, "stream": True}) as answer:
            assert answer.status_code == httpx.codes.OK
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            return decode(answer.read())

    return events
