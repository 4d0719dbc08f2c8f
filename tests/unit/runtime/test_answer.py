"""A handler's result as bytes."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from streaming import StreamingResponse
from streaming.answer import PRELUDE_LIMIT, NotAnHttpAnswerError, PreludeTooLargeError, prelude, streamed, whole

NULS = b"\0\0\0\0\0\0\0\0"


async def body_of(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def read(body: AsyncIterator[bytes]) -> list[bytes]:
    return [piece async for piece in body]


def test_a_prelude_is_compact_json_and_eight_nuls() -> None:
    assert (
        prelude({"statusCode": 200, "headers": {"x": "é"}}) == '{"statusCode":200,"headers":{"x":"é"}}'.encode() + NULS
    )


def test_a_prelude_may_take_its_limit_and_not_a_byte_more() -> None:
    spare = PRELUDE_LIMIT - len(prelude({"x": ""}))
    assert len(prelude({"x": "x" * spare})) == PRELUDE_LIMIT
    with pytest.raises(PreludeTooLargeError):
        prelude({"x": "x" * (spare + 1)})


def test_a_streaming_response_is_its_status_and_headers_and_its_own_body() -> None:
    body = body_of([b"one"])
    assert streamed(StreamingResponse(status=201, headers={"a": "b"}, body=body)) == (
        b'{"statusCode":201,"headers":{"a":"b"}}' + NULS,
        body,
    )


@pytest.mark.parametrize(
    ("answer", "head", "body"),
    [
        ({"statusCode": 204}, b'{"statusCode":204}', b""),
        ({"statusCode": 200, "headers": None, "body": None}, b'{"statusCode":200}', b""),
        ({"statusCode": 200, "body": "é", "isBase64Encoded": False}, b'{"statusCode":200}', "é".encode()),
        ({"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}, b'{"statusCode":200}', b"\x00\xff"),
        ({"statusCode": 200, "cookies": ["a=b"], "other": 1}, b'{"statusCode":200,"cookies":["a=b"]}', b""),
    ],
)
def test_a_proxy_answer_is_its_metadata_and_one_piece(answer: dict[str, object], head: bytes, body: bytes) -> None:
    prelude, pieces = streamed(answer)
    assert (prelude, asyncio.run(read(pieces))) == (head + NULS, [body])


@pytest.mark.parametrize("result", [None, "text", [], {}, {"body": ""}, {"statusCode": 200, "body": {"not": "text"}}])
def test_other_results_are_no_http_answers(result: object) -> None:
    with pytest.raises(NotAnHttpAnswerError):
        streamed(result)


def test_base64_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="base64"):
        streamed({"statusCode": 200, "body": "a!b=", "isBase64Encoded": True})


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([b"data: \xc3", b"\xa9\n\n"], '"body":"data: é\\n\\n","isBase64Encoded":false'),
        ([b"\xff", b"\x00"], '"body":"/wA=","isBase64Encoded":true'),
        ([], '"body":"","isBase64Encoded":false'),
    ],
)
def test_a_whole_answer_joins_the_pieces_and_is_text_if_it_can_be(pieces: list[bytes], text: str) -> None:
    assert (
        asyncio.run(whole(StreamingResponse(200, {"a": "b"}, body_of(pieces))))
        == f'{{"statusCode":200,"headers":{{"a":"b"}},{text}}}'.encode()
    )


def test_any_other_result_is_answered_as_it_is() -> None:
    assert asyncio.run(whole({"principalId": "é"})) == '{"principalId":"é"}'.encode()
