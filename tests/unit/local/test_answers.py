from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from edgeway.local import failures
from edgeway.local.answers import (
    DELIMITER,
    PRELUDE_LIMIT,
    Answer,
    Head,
    Prelude,
    WrongShape,
    read_head,
    read_proxy_answer,
)
from edgeway.local.asgi import Headers
from edgeway.local.failures import Failure

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
    ],
)
def test_what_api_gateway_would_not_take_is_refused(document: object) -> None:
    with pytest.raises(WrongShape):
        read_head(document)


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (b'{"body": "\\u03bb"}', "λ".encode()),
        (b'{"body": null}', b""),
        (b'{"body": "/wA=", "isBase64Encoded": true}', b"\xff\x00"),
    ],
)
def test_a_whole_answer_is_read(payload: bytes, body: bytes) -> None:
    assert read_proxy_answer(payload) == (Head(200, [JSON]), body)


@pytest.mark.parametrize("payload", [b"", b"null", b'{"body": {}}', b'{"body": "*", "isBase64Encoded": true}'])
def test_a_whole_answer_of_another_shape_is_refused(payload: bytes) -> None:
    with pytest.raises(WrongShape):
        read_proxy_answer(payload)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_prelude_is_read_however_it_arrives(size: int) -> None:
    sent = json.dumps({"statusCode": 201}).encode() + DELIMITER + b"body"
    prelude = Prelude()
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]
    read = [complete for piece in pieces if (complete := prelude.feed(piece)) is not None]
    head, body = read[0]
    assert head == Head(201, [JSON])
    assert b"body".startswith(body)


def test_a_prelude_has_a_limit() -> None:
    prelude = Prelude()
    assert prelude.feed(b" " * (PRELUDE_LIMIT - len(DELIMITER))) is None
    with pytest.raises(WrongShape):
        prelude.feed(b" ")


def test_a_prelude_that_is_no_json_is_refused() -> None:
    with pytest.raises(WrongShape):
        Prelude().feed(b"{" + DELIMITER)


REQUEST_ID = (b"request-id", b"req_1")
NO_RETRY = (b"x-should-retry", b"false")


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (failures.not_found("GET", "/v1/files"), [NO_RETRY]),
        (failures.bad_request("x"), [NO_RETRY]),
        (failures.request_too_large(9, "x"), [NO_RETRY]),
        (failures.no_room(), [(b"retry-after", b"10")]),
        (failures.timed_out("x", 9), []),
        (failures.internal(), []),
    ],
)
def test_a_refusal_says_whether_to_try_again_as_api_gateways_do(failure: Failure, told: Headers) -> None:
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(Answer(send, "req_1").fail(failure))
    length = (b"content-length", str(len(failure.body("req_1"))).encode())
    assert sent == [
        {"type": "http.response.start", "status": failure.status, "headers": [JSON, REQUEST_ID, *told, length]},
        {"type": "http.response.body", "body": failure.body("req_1"), "more_body": False},
    ]
