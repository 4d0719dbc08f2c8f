"""What a handler returns to stream. A plain class, because `dataclasses` costs every cold start 10 ms of imports."""

from collections.abc import AsyncIterator, Mapping


class StreamingResponse:
    """An HTTP answer whose body leaves piece by piece.

    status: the HTTP status code.
    headers: one value for each name. Not for Content-Length: the body is chunked.
    body: each piece is sent at once, as one chunk. If it has `aclose()`, that is awaited once, however the response
        ends and also where nothing was read: after the end has been sent, before the next invocation is fetched.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.body = body
