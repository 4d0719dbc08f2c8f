"""What a handler returns to stream. A plain class, because `dataclasses` costs every cold start 10 ms of imports."""

from collections.abc import Callable, Iterable, Mapping


class StreamingResponse:
    """An HTTP answer whose body leaves piece by piece.

    status: the HTTP status code.
    headers: one value for each name. Not for Content-Length: the body is chunked.
    body: each piece is sent at once, as one chunk. If it has `close()`, that is called however the response ends;
        if it has `cancel()`, that is called from another thread when a keep-alive finds the caller gone, so that
        a body which waits for something can stop waiting.
    keepalive: (seconds, bytes): after that many seconds without a piece, and again after as many, the bytes are sent.
    after: runs when the response has ended, however it ended, and before the next invocation is fetched.
    """

    __slots__ = ("after", "body", "headers", "keepalive", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        body: Iterable[bytes],
        keepalive: tuple[float, bytes] | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.keepalive = keepalive
        self.after = after
