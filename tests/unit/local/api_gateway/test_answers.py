from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from streaming import StreamingResponse

from edgeway.local.api_gateway.answers import (
    PRELUDE_LIMIT,
    RESPONSE_LIMIT,
    Answer,
    Head,
    WrongShape,
    read_head,
    read_proxy_answer,
    read_stream,
)
from edgeway.local.web import failures
from edgeway.local.web.asgi import Headers
from edgeway.local.web.failures import Failure

JSON = (b"content-type", b"application/json")


@pytest.mark.parametrize(
    ("document", "head"),
    [
        ({}, Head(200, [JSON])),
        ({"statusCode": 429, "headers": {"Retry-After": 5}}, Head(429, [(b"retry-after", b"5"), JSON])),
        ({"headers": {"Content-Type": "text/plain"}}, Head(200, [(b"content-type", b"text/plain")])),
        ({"headers": {"Connection": "close", "Content-Length": "9", "Transfer-Encoding": "x"}}, Head(200, [JSON])),
        (
            {"multiValueHeaders": {"X": ["1", "2"]}, "headers": {"X": "2", "Y": "3"}},
            Head(200, [(b"x", b"1"), (b"x", b"2"), (b"y", b"3"), JSON]),
        ),
        ({"cookies": ["a=1", "b=2"]}, Head(200, [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), JSON])),
    ],
)
def test_a_head_is_read(document: dict[str, Any], head: Head) -> None:
    assert read_head(document) == head


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"statusCode": "200"},
        {"statusCode": 99},
        {"statusCode": 600},
        {"headers": ["a"]},
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\r\nc: d"}},
        {"headers": {"a": "€"}},
        {"multiValueHeaders": {"a": 200}},
        {"multiValueHeaders": {"a": "bc"}},
        {"cookies": "a=1"},
    ],
)
def test_what_api_gateway_would_not_take_is_refused(document: object) -> None:
    with pytest.raises(WrongShape):
        read_head(document)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"body": "λ"}, "λ".encode()),
        ({"body": None}, b""),
        ({"body": "/wA=", "isBase64Encoded": True}, b"\xff\x00"),
    ],
)
def test_a_whole_answer_is_read(answer: dict[str, Any], body: bytes) -> None:
    assert read_proxy_answer(answer) == (Head(200, [JSON]), body)


@pytest.mark.parametrize("answer", [b"{}", None, {"body": {}}, {"body": "*", "isBase64Encoded": True}])
def test_a_whole_answer_of_another_shape_is_refused(answer: object) -> None:
    with pytest.raises(WrongShape):
        read_proxy_answer(answer)


async def pieces(*bodies: bytes) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


def test_a_streamed_answer_is_read() -> None:
    body = pieces(b"a")
    head = Head(201, [(b"x", b"y"), JSON])
    assert read_stream(StreamingResponse(201, {"X": "y"}, body)) == (head, body)


def test_the_head_of_a_streamed_answer_has_a_limit() -> None:
    room = PRELUDE_LIMIT - len("x") - sum(map(len, JSON))
    read_stream(StreamingResponse(200, {"x": "y" * room}, pieces()))
    with pytest.raises(WrongShape):
        read_stream(StreamingResponse(200, {"x": "y" * (room + 1)}, pieces()))


def test_a_streamed_answer_that_blocks_is_refused() -> None:
    with pytest.raises(WrongShape):
        read_stream(StreamingResponse(200, {}, iter([b"a"])))  # type: ignore[arg-type] # as somebody may write it


class Sent:
    """What a caller has been sent."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def __call__(self, event: Any) -> None:
        self.events.append(event)


def start(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def body(sent: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": sent, "more_body": more}


@pytest.mark.parametrize(
    "result", [{"body": "ab"}, StreamingResponse(200, {}, pieces(b"a", b"b"))], ids=["whole", "streamed"]
)
def test_a_route_that_does_not_stream_sends_the_whole(result: object) -> None:
    sent = Sent()
    asyncio.run(Answer(sent, "req_1").send(result))
    assert sent.events == [start(JSON, (b"content-length", b"2")), body(b"ab")]


def test_a_route_that_streams_sends_each_piece() -> None:
    sent = Sent()
    asyncio.run(Answer(sent, "req_1").stream(StreamingResponse(200, {}, pieces(b"a", b"", b"b"))))
    assert sent.events == [start(JSON), body(b"a", more=True), body(b"b", more=True), body(b"")]


def test_a_route_that_streams_sends_a_whole_answer_at_once() -> None:
    sent = Sent()
    asyncio.run(Answer(sent, "req_1").stream({"body": "ab"}))
    assert sent.events == [start(JSON, (b"content-length", b"2")), body(b"ab")]


def test_a_whole_answer_has_a_limit() -> None:
    with pytest.raises(WrongShape):
        asyncio.run(Answer(Sent(), "req_1").send({"body": "x" * (RESPONSE_LIMIT + 1)}))


REQUEST_ID = (b"request-id", b"req_1")
NO_RETRY = (b"x-should-retry", b"false")


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (failures.not_found("GET", "/v1/files"), [NO_RETRY]),
        (failures.bad_request("x"), [NO_RETRY]),
        (failures.request_too_large(9, "x"), [NO_RETRY]),
        (failures.slow_body(1), [(b"connection", b"close")]),
        (failures.no_room(), [(b"retry-after", b"10")]),
        (failures.timed_out("x", 9), []),
        (failures.internal(), []),
    ],
)
def test_a_refusal_says_whether_to_try_again_as_api_gateways_do(failure: Failure, told: Headers) -> None:
    sent = Sent()
    asyncio.run(Answer(sent, "req_1").fail(failure))
    length = (b"content-length", str(len(failure.body("req_1"))).encode())
    assert sent.events == [
        {**start(JSON, REQUEST_ID, *told, length), "status": failure.status},
        body(failure.body("req_1")),
    ]
