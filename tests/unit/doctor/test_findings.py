"""What the doctor makes of what it sees, above all of what API Gateway says by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from edgeway.doctor.access import shape_faults
from edgeway.doctor.answers import apartness, endurance, protocol
from edgeway.doctor.deployment import Answer, Arrival, Stream
from edgeway.doctor.limits import refused_request, size_finding, throttle_finding

EVENTS = ("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_stop")
SSE = {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_1"}


def answer(status: int, body: Any, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body if isinstance(body, bytes) else json.dumps(body).encode(), 0.5)


def error(error_type: str, message: str = "why") -> dict[str, Any]:
    return {"type": "error", "error": {"type": error_type, "message": message}}


def arrivals(times: Sequence[float], events: Sequence[str] = EVENTS) -> tuple[Arrival, ...]:
    return tuple(Arrival(seconds, event) for seconds, event in zip(times, events, strict=True))


SHAPES: dict[str, tuple[Answer, list[str]]] = {
    "as it should be": (answer(401, error("authentication_error"), request_id="1"), []),
    "API Gateway's own words": (
        answer(403, {"message": "Forbidden"}, request_id="1"),
        ["status 403, not 401", 'not Anthropic\'s shape: 403 {"message": "Forbidden"}'],
    ),
    "a context that was not filled in": (
        answer(401, error("authentication_error", "$context.authorizer.message"), request_id="1"),
        ["message '$context.authorizer.message'"],
    ),
    "an empty type": (answer(401, error("", "why"), request_id="1"), ["type , not authentication_error"]),
    "no id": (answer(401, error("authentication_error")), ["no request-id"]),
    "no JSON": (answer(401, b"<html>", request_id="1"), ["not Anthropic's shape: 401 <html>"]),
}


@pytest.mark.parametrize(("seen", "faults"), SHAPES.values(), ids=SHAPES)
def test_the_shape_of_a_refusal(seen: Answer, faults: list[str]) -> None:
    assert shape_faults(seen, 401, "authentication_error") == faults


APART = {
    "one by one": ((0.5, 0.9, 1.4, 1.9, 2.0), "passed"),
    "after a long thought, then one by one": ((8.0, 8.5, 9.0, 9.9, 10.1), "passed"),
    "held back to the end": ((2.0, 2.0, 2.0, 2.0, 2.01), "failed"),
    "too quick to tell": ((0.1, 0.1, 0.1, 0.1, 0.1), "noted"),
}


@pytest.mark.parametrize(("times", "verdict"), APART.values(), ids=APART)
def test_whether_events_arrive_apart(times: tuple[float, ...], verdict: str) -> None:
    assert apartness(arrivals(times)).verdict == verdict


STREAMS: dict[str, tuple[Stream, str, str]] = {
    "lawful": (Stream(200, SSE, arrivals((1, 2, 3, 4, 5))), "passed", "5 events"),
    "buffered by API Gateway, so without a body": (Stream(200, SSE, ()), "failed", "begins with [], ends with []"),
    "broken off": (Stream(200, SSE, (), "ReadError after 29.0 s"), "failed", "broke off: ReadError after 29.0 s"),
    "with another type": (
        Stream(200, {**SSE, "content-type": "application/json"}, arrivals((1, 2, 3, 4, 5))),
        "failed",
        "content-type application/json",
    ),
    "an error": (
        Stream(200, SSE, arrivals((1, 2), ("message_start", "error"))),
        "failed",
        "begins with ['message_start'], ends with ['error']",
    ),
}


@pytest.mark.parametrize(("seen", "verdict", "found"), STREAMS.values(), ids=STREAMS)
def test_the_frame_of_a_stream(seen: Stream, verdict: str, found: str) -> None:
    finding = protocol(seen)
    assert (finding.verdict, finding.found) == (verdict, found)


PINGED = arrivals((1, 10, 20, 30, 40), ("message_start", "ping", "ping", "ping", "message_stop"))
LONG: dict[str, tuple[Stream, str, str]] = {
    "with pings": (Stream(200, SSE, PINGED), "passed", "40 s, 3 pings, the longest silence 10.0 s"),
    "too short": (Stream(200, SSE, PINGED[:2]), "noted", "10 s, 1 pings, the longest silence 9.0 s"),
    "silent": (Stream(200, SSE, (PINGED[0], PINGED[-1])), "failed", "silent for 39.0 s"),
    "cut": (Stream(200, SSE, PINGED[:3], "ReadError after 29.0 s"), "failed", "broke off: ReadError after 29.0 s"),
}


@pytest.mark.parametrize(("seen", "verdict", "found"), LONG.values(), ids=LONG)
def test_a_long_stream(seen: Stream, verdict: str, found: str) -> None:
    finding = endurance(seen)
    assert (finding.verdict, finding.found) == (verdict, found)


ARRIVED = answer(400, error("invalid_request_error", "max_tokens: must be positive"))
TOO_LARGE = answer(413, error("request_too_large"), request_id="1")
SIZES: dict[str, tuple[float, Answer, str, str]] = {
    "arrived": (5.5, ARRIVED, "passed", "arrived at the function, in 0.50 s"),
    "refused in shape": (6.5, TOO_LARGE, "passed", "refused with 413 request_too_large, which clients understand"),
    "refused though small": (4.0, TOO_LARGE, "failed", "413 request_too_large"),
    "refused by Lambda in API Gateway's words": (
        6.5,
        answer(502, {"message": "Internal server error"}),
        "noted",
        'refused by AWS: 502 {"message": "Internal server error"}',
    ),
}


@pytest.mark.parametrize(("size", "seen", "verdict", "found"), SIZES.values(), ids=SIZES)
def test_a_large_request(size: float, seen: Answer, verdict: str, found: str) -> None:
    finding = size_finding("a request", size, seen)
    assert (finding.verdict, finding.found) == (verdict, found)


@pytest.mark.parametrize("size", [1_000, 5_500_000])
def test_a_request_has_the_size_that_it_should(size: int) -> None:
    body = refused_request(size)
    assert (len(body), json.loads(body)["max_tokens"]) == (size, -1)


FINE = answer(200, {})
LIMITED = answer(429, error("rate_limit_error"), request_id="1", retry_after="1")
THROTTLES: dict[str, tuple[list[Answer], str, str]] = {
    "in shape": ([FINE, LIMITED], "passed", "1 of 2 requests were throttled"),
    "not provoked": ([FINE, FINE], "noted", "0 of 2 requests were throttled"),
    "in API Gateway's words": (
        [answer(429, {"message": "Too Many Requests"})],
        "failed",
        'not Anthropic\'s shape: 429 {"message": "Too Many Requests"}; no request-id; no retry-after',
    ),
    "something else": (
        [FINE, answer(500, error("api_error"))],
        "failed",
        "0 of 2 requests were throttled; one was a 500 api_error",
    ),
}


@pytest.mark.parametrize(("seen", "verdict", "found"), THROTTLES.values(), ids=THROTTLES)
def test_a_throttled_request(seen: list[Answer], verdict: str, found: str) -> None:
    finding = throttle_finding(seen)
    assert (finding.verdict, finding.found) == (verdict, found)
