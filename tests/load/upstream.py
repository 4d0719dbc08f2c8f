"""A fast OpenAI-compatible upstream, a process of its own: python -m tests.load.upstream.

It is several times faster than any gateway, so that what is measured is the gateway: answers are made once, and a
stream without pauses is one write. `tests.load.play` says what it plays. It prints its port.

GET /state tells how many streams are open and how the others ended, and when the connection of each stream with a tag
was closed by its reader (nanoseconds of the monotonic clock). POST /release answers the requests that are held.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, cast

import httptools
import uvloop

from edgeway.local.web import descriptors
from tests.load.play import Play

_WORDS: Final = ("The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "runs", "away")
_BASE: Final = {"id": "chatcmpl-load", "created": 1764000000, "model": "gpt-5"}
_STREAM_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)
_STREAM_END: Final = b"0\r\n\r\n"
_IS_STREAM: Final = re.compile(rb'"stream":\s*true')
_STAMP: Final = "t%019d "
"""The text of a chunk of a paced stream; as long as any other, so that its frame is made once."""


def _frame(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(event), event)


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _frame(_json({**_BASE, "object": "chat.completion.chunk", "choices": [choice]}))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _usage(chunks: int) -> dict[str, int]:
    return {"prompt_tokens": 42, "completion_tokens": chunks, "total_tokens": 42 + chunks}


def _word(number: int) -> str:
    return _WORDS[number % len(_WORDS)] + " "


@cache
def _opening() -> bytes:
    return _STREAM_HEAD + _chunk({"role": "assistant", "content": ""})


@cache
def _closing(chunks: int) -> bytes:
    usage = {**_BASE, "object": "chat.completion.chunk", "choices": [], "usage": _usage(chunks)}
    return _chunk({}, "stop") + _frame(_json(usage)) + _frame(b"[DONE]") + _STREAM_END


@cache
def _whole_stream(chunks: int) -> bytes:
    return _opening() + b"".join(_chunk({"content": _word(number)}) for number in range(chunks)) + _closing(chunks)


@cache
def _whole(chunks: int) -> bytes:
    message = {"role": "assistant", "content": "".join(map(_word, range(chunks)))}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _answer({**_BASE, "object": "chat.completion", "choices": [choice], "usage": _usage(chunks)})


def _answer(value: object) -> bytes:
    body = _json(value)
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


_STAMPED_BEFORE, _STAMPED_AFTER = _chunk({"content": _STAMP % 0}).split((_STAMP % 0).encode())


class State:
    """What has become of the streams."""

    def __init__(self) -> None:
        self.open = self.finished = self.aborted = 0
        self.closed: dict[str, int] = {}
        self.held: list[Callable[[], None]] = []

    def told(self) -> bytes:
        """The answer of GET /state."""
        counts = {"open": self.open, "finished": self.finished, "aborted": self.aborted}
        return _answer({**counts, "closed": self.closed})

    def release(self) -> bytes:
        """Answer everybody who is held; the answer says how many they were."""
        held, self.held = self.held, []
        for answer in held:
            answer()
        return _answer(len(held))


class Exchange(asyncio.Protocol):
    """One connection. The parser calls the methods `on_…`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._path = b""
        self._body: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tag = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
            self._state.open -= 1
            self._state.aborted += 1
            if self._tag:
                self._state.closed[self._tag] = time.monotonic_ns()

    def on_url(self, url: bytes) -> None:
        self._path = url
        self._body = []

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        match self._path:
            case b"/state":
                self._write(self._state.told())
            case b"/release":
                self._write(self._state.release())
            case _:
                body = b"".join(self._body)
                answer = partial(self._play, Play.find(body), is_stream=_IS_STREAM.search(body) is not None)
                if Play.find(body).is_held:
                    self._state.held.append(answer)
                else:
                    answer()

    def _play(self, play: Play, *, is_stream: bool) -> None:
        if not is_stream:
            self._write(_whole(play.chunks))
        elif not play.pause:
            self._write(_whole_stream(play.chunks))
            self._state.finished += 1
        elif self._transport is not None:
            self._tag = play.tag
            self._state.open += 1
            self._write(_opening())
            self._step(0, play, self._loop.time())

    def _step(self, number: int, play: Play, begun: float) -> None:
        """One chunk of a paced stream, on a schedule that does not drift."""
        if number < play.chunks:
            stamp = (_STAMP % time.monotonic_ns()).encode()
            self._write(_STAMPED_BEFORE + stamp + _STAMPED_AFTER)
            due = begun + (number + 1) * play.pause / 1000
            self._timer = self._loop.call_at(due, self._step, number + 1, play, begun)
            return
        self._timer = None
        self._write(_closing(play.chunks))
        self._state.open -= 1
        self._state.finished += 1

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


async def main() -> None:
    """Serve until killed."""
    descriptors.raise_limit()
    state = State()
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(state), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 whoever has started it reads the port
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
