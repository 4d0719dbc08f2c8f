"""A handler's result as bytes: the streaming format (prelude, then the body) or one whole proxy answer.

The streaming format: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping

from streaming.response import StreamingResponse

PRELUDE_LIMIT = 16_000  # API Gateway wants the delimiter within 16 KB and does not say how it counts
DELIMITER = bytes(8)
METADATA = ("statusCode", "headers", "multiValueHeaders", "cookies")


class PreludeTooLargeError(ValueError):
    """The status and headers do not fit where API Gateway looks for them."""


class NotAnHttpAnswerError(TypeError):
    """A handler that streams returned neither a StreamingResponse nor a proxy answer."""


def streamed(result: object) -> tuple[bytes, AsyncIterator[bytes]]:
    """What a handler returned, in the streaming format: the prelude, and the pieces of the body."""
    match result:
        case StreamingResponse():
            return prelude({"statusCode": result.status, "headers": dict(result.headers)}), aiter(result.body)
        case dict() if "statusCode" in result:
            metadata = {key: result[key] for key in METADATA if result.get(key) is not None}
            return prelude(metadata), _one_piece(_proxy_body(result))
        case _:
            raise NotAnHttpAnswerError(f"a handler that streams cannot return {type(result).__name__}")


def prelude(metadata: Mapping[str, object]) -> bytes:
    """The metadata of an answer with the delimiter that ends it."""
    encoded = _json(metadata) + DELIMITER
    if len(encoded) > PRELUDE_LIMIT:
        raise PreludeTooLargeError(f"status and headers take {len(encoded)} bytes of {PRELUDE_LIMIT}")
    return encoded


async def whole(result: object) -> bytes:
    """The JSON of a buffered answer. What is not a StreamingResponse is answered as it is."""
    return _json(await _proxy_answer(result) if isinstance(result, StreamingResponse) else result)


async def _proxy_answer(response: StreamingResponse) -> dict[str, object]:
    body = b"".join([piece async for piece in response.body])
    try:
        text, is_base64 = body.decode(), False
    except UnicodeDecodeError:
        text, is_base64 = base64.b64encode(body).decode("ascii"), True
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _proxy_body(answer: Mapping[str, object]) -> bytes:
    match answer.get("body"):
        case None:
            return b""
        case str() as text if answer.get("isBase64Encoded"):
            return base64.b64decode(text, validate=True)
        case str() as text:
            return text.encode()
        case other:
            raise NotAnHttpAnswerError(f"the body of a proxy answer is text, not {type(other).__name__}")


async def _one_piece(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
