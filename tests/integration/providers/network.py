"""A network that stands for the whole internet: it takes every connection and answers each request.

Unless it is told another answer, with a short stream.

It lies below httpx, where the bytes leave the process, so that nothing is contacted and
everything is seen: the host, whether TLS was asked for and with which name, and every byte of the request.
"""

import asyncio
import json
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import h11
from gateway.upstream.connection import Connection, Network

PORT, TLS_PORT = 80, 443

_CHUNK = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]%s}'
STREAM = "".join(
    f"data: {frame}\n\n"
    for frame in (
        _CHUNK % ('{"index":0,"delta":{"role":"assistant","content":"hello"},"finish_reason":null}', ""),
        _CHUNK % ('{"index":0,"delta":{},"finish_reason":"stop"}', ""),
        _CHUNK % ("", ',"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}'),
        "[DONE]",
    )
).encode()

MESSAGE = json.dumps(
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "hello", "citations": None}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 3},
    }
).encode()
"""The same as an upstream says it whole that speaks the Messages API."""


class _Unlimited:
    """In place of a socket: its buffer has any size."""

    def setsockopt(self, level: int, name: int, value: int) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request, as it would have left the machine."""

    url: str
    """With the scheme that the connection really has."""
    method: str
    headers: dict[str, str]
    body: dict[str, Any]
    written: bytes
    """All of it, as it left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered. The pieces of the body arrive one after the other."""

    body: Sequence[bytes]
    status: int = 200
    content_type: str = "text/event-stream"
    seconds: float = 0.0
    """Between two pieces."""


class StandIn(Network):
    """Takes every connection."""

    def __init__(self, answer: Callable[[Received], Answer] = lambda _: Answer([STREAM])) -> None:
        self.received: list[Received] = []
        self.answer = answer

    async def connect(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        if context is not None:
            assert context.verify_mode is ssl.CERT_REQUIRED
            assert context.check_hostname
        connection = Connection()
        connection.connection_made(_Server(self, connection, host, port, is_encrypted=context is not None))
        return connection


class _Server(asyncio.Transport):
    """The way of one connection, and the server at its other end. TLS, where it is asked for, is with `host`."""

    def __init__(self, network: StandIn, client: Connection, host: str, port: int, *, is_encrypted: bool) -> None:
        super().__init__({"socket": _Unlimited()})
        self._network = network
        self._client = client
        self._host = host
        self._port = port
        self._scheme = "https" if is_encrypted else "http"
        self._http = h11.Connection(h11.SERVER)
        self._events: list[h11.Event] = []
        self._written = b""
        self._is_closed = False
        self._coming = deque[bytes]()
        """One answer after the other, as a server sends them on one connection."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._written += data
        self._http.receive_data(bytes(data))
        while isinstance(event := self._http.next_event(), h11.Event):
            self._events.append(event)
            if isinstance(event, h11.EndOfMessage):
                received = self._received()
                self._network.received.append(received)
                answer = self._network.answer(received)
                is_sending = bool(self._coming)
                self._coming.extend(self._answered(answer))
                if not is_sending:
                    self._deliver(answer.seconds)

    def is_closing(self) -> bool:
        return self._is_closed

    def abort(self) -> None:
        self._is_closed = True
        asyncio.get_running_loop().call_soon(self._client.connection_lost, None)

    def pause_reading(self) -> None:
        raise AssertionError("an answer as short as this fits into the inbox")

    def _received(self) -> Received:
        written, self._written = self._written, b""
        [head, *body], self._events = self._events, []
        assert isinstance(head, h11.Request)
        default = TLS_PORT if self._scheme == "https" else PORT
        origin = f"{self._scheme}://{self._host}{'' if self._port == default else f':{self._port}'}"
        return Received(
            url=origin + head.target.decode(),
            method=head.method.decode(),
            headers={name.decode(): value.decode() for name, value in head.headers},
            body=json.loads(b"".join(part.data for part in body if isinstance(part, h11.Data))),
            written=written,
        )

    def _answered(self, answer: Answer) -> list[bytes]:
        head = h11.Response(status_code=answer.status, headers=[("content-type", answer.content_type)])
        body = [h11.Data(data=piece) for piece in answer.body]
        sent = [self._http.send(event) or b"" for event in (head, *body, h11.EndOfMessage())]
        self._http.start_next_cycle()
        return sent

    def _deliver(self, seconds: float) -> None:
        """Piece by piece, as from a network: who writes is not called back meanwhile."""
        if self._coming and not self.is_closing():
            loop = asyncio.get_running_loop()
            loop.call_soon(self._client.data_received, self._coming.popleft())
            loop.call_later(seconds, self._deliver, seconds)
