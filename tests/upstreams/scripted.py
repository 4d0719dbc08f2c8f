"""A scripted OpenAI-compatible upstream, a process of its own: python -m tests.upstreams.scripted --port 0.

It prints its port and serves POST /v1/chat/completions, and /v1/responses for the models `hostile/codex-NAME`. The
model `hostile/NAME` names what it plays (--list shows the names), and so does `[[play:NAME]]` in a user message to chat
completions. `[[play:NAME#TAG]]` keeps the attempts of one caller apart from another's, and any other `[[name:value]]`
fills @name@ in the script. @nonce@ is made when the process starts, so that nobody else knows it.

To meet it through the gateway: start it on port 9000, then `OPENAI_API_KEY=any OPENAI_BASE_URL=http://127.0.0.1:9000/v1
make run`, and ask for the model `openai/hostile/NAME`.

GET /_requests lists what was asked (DELETE forgets it, attempts included), GET /_active the streams that were
played and how each ended: `finished`, `cut` by the script or `peer closed`. GET /_nonce tells the nonce, and
GET /v1/models what OpenAI's own would list.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import socket
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.upstreams.answers import (
    Answer,
    Cut,
    HangUp,
    Pace,
    Picky,
    Raw,
    Reset,
    Send,
    Step,
    Stream,
    Verbatim,
    Wait,
    Whole,
)
from tests.upstreams.chat import delta
from tests.upstreams.keeper import KEEPER, Keeper
from tests.upstreams.outcomes import OUTCOMES
from tests.upstreams.responses_scenarios import RESPONSES, RESPONSES_OUTCOMES
from tests.upstreams.scenarios import find

KEPT = 2000  # requests and streams remembered, so that a benchmark does not fill the memory
LISTED = ("gpt-5", "gpt-5-mini", "gpt-5-nano")
HOSTILE = "hostile/"
WORD = re.compile(r"\[\[([a-z]+):([^\[\]]+)\]\]")
UNKNOWN = Whole(400, b'{"error": {"message": "no such scenario", "type": "invalid_request_error"}}')
ONLY_STREAMS = Whole(400, b'{"error": {"message": "this upstream only streams", "type": "invalid_request_error"}}')


@dataclass(slots=True)
class Played:
    """One answer as it went."""

    play: str
    chunks: int = 0
    ended: Literal["open", "finished", "cut", "peer closed"] = "open"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer on its way to one caller."""

    words: Mapping[str, str]
    played: Played
    transport: asyncio.Transport
    send: ASGISendCallable

    async def play(self, answer: Answer) -> None:
        """Give the whole answer, or as much of it as the script lets through."""
        await asyncio.sleep(answer.delay)
        match answer:
            case HangUp():
                self.cut(b"")
            case Whole(status, body, headers):
                await self.start(status, {**headers, "content-length": str(len(body))})
                await self.write(body, more=False)
                self.played.ended = "finished"
            case Verbatim(data):
                self.cut(data)
            case Stream(steps, headers=headers):
                await self.start(200, headers)
                for step in steps:
                    await self.take(step)
                if self.played.ended == "open":
                    await self.write(b"", more=False)
                    self.played.ended = "finished"

    async def take(self, step: Step) -> None:
        """Take one step of a stream."""
        match step:
            case Send(data):
                await self.write(fill(data, self.words))
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Pace(chunks, seconds):
                begun = time.monotonic()
                for number in range(chunks):
                    await asyncio.sleep(begun + number * seconds - time.monotonic())
                    await self.write(delta({"content": f"{number} {time.monotonic_ns()}\n"}).data)
            case Cut(data):
                self.cut(b"%x\r\n%b" % (len(data) + 512, data))
            case Raw(data):
                self.transport.write(data)
            case Reset():
                self.reset()

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers."""
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs, "trailers": False})

    async def write(self, data: bytes, *, more: bool = True) -> None:
        """Send a piece of the body as a chunk of its own."""
        await self.send({"type": "http.response.body", "body": data, "more_body": more})
        self.played.chunks += more

    def cut(self, data: bytes) -> None:
        """Write raw bytes and close the socket under the answer."""
        self.transport.write(data)
        self.transport.close()
        self.played.ended = "cut"

    def reset(self) -> None:
        """Close the socket with a reset."""
        # A copy, since uvloop's own stand-in for the socket takes no options.
        with socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
        self.played.ended = "cut"


class Upstream:
    """The ASGI application: what it has been asked and what it has played."""

    def __init__(self) -> None:
        self.nonce = secrets.token_hex(16)
        self.keeper = Keeper(self.nonce)
        self.requests: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        self.played: deque[Played] = deque(maxlen=KEPT)
        self.attempts: Counter[tuple[str, int]] = Counter()

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise TypeError(scope["type"])
        transport: asyncio.Transport = scope["state"]["transport"]
        body = await whole_body(receive)
        match scope["method"], scope["path"]:
            case "POST", "/v1/chat/completions":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                request = json.loads(body)
                self.requests.append({"headers": headers, "body": request, "received": time.monotonic()})
                play, words, answer = self.choose(request)
                played = Played(play)
                self.played.append(played)
                exchange = Exchange({**words, "nonce": self.nonce}, played, transport, send)
                await until_gone(exchange, answer, receive)
            case "POST", "/v1/responses":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                request = json.loads(body)
                self.requests.append({"headers": headers, "body": request, "received": time.monotonic()})
                play = str(request["model"]).removeprefix(HOSTILE)
                played = Played(play)
                self.played.append(played)
                exchange = Exchange({}, played, transport, send)
                await until_gone(exchange, self.respond(play, request), receive)
            case method, path:
                exchange = Exchange({}, Played(path), transport, send)
                await exchange.play(self.tell(method, path))

    def choose(self, request: Mapping[str, Any]) -> tuple[str, Mapping[str, str], Answer]:
        """What to play: its name, the words of the request, the answer."""
        words = dict(WORD.findall("\n".join(user_texts(request["messages"]))))
        model = str(request["model"])
        play = model.removeprefix(HOSTILE) if model.startswith(HOSTILE) else words.get("play", "plain")
        script = find(play.partition("#")[0])
        if script is None:
            return play, words, UNKNOWN
        if request.get("stream") is not True:
            return play, words, ONLY_STREAMS
        results = sum(message["role"] == "tool" for message in request["messages"])
        turn = max(held for held in script if held <= results)
        attempt = self.attempts[play, turn]
        self.attempts[play, turn] += 1
        chosen = script[turn][min(attempt, len(script[turn]) - 1)]
        if isinstance(chosen, Picky):
            chosen = chosen.refusal if chosen.field in request else chosen.answer
        return play, words, chosen

    def respond(self, play: str, request: Mapping[str, Any]) -> Answer:
        """What to play through Responses."""
        return self.keeper.answer(request) if play == KEEPER else RESPONSES.get(play, UNKNOWN)

    def tell(self, method: str, path: str) -> Whole:
        """The control routes."""
        match method, path:
            case "GET", "/v1/models":
                return told({"object": "list", "data": [{"id": name} for name in LISTED]})
            case "GET", "/_requests":
                return told(list(self.requests))
            case "DELETE", "/_requests":
                self.requests.clear()
                self.played.clear()
                self.attempts.clear()
                self.keeper = Keeper(self.nonce)
                return told(None)
            case "GET", "/_active":
                streams = [asdict(played) for played in self.played]
                return told({"open": sum(stream["ended"] == "open" for stream in streams), "streams": streams})
            case "GET", "/_nonce":
                return told(self.nonce)
            case _:
                return Whole(404, b"")


def told(value: Any) -> Whole:
    """A control route's answer."""
    return Whole(200, json.dumps(value).encode(), {"content-type": "application/json"})


def user_texts(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every text of the user messages, in order: the last marker wins."""
    contents = [message["content"] for message in messages if message["role"] == "user"]
    return [
        text
        for content in contents
        for text in ([content] if isinstance(content, str) else [part.get("text", "") for part in content])
    ]


def fill(data: bytes, words: Mapping[str, str]) -> bytes:
    """The data with each @name@ replaced by that word."""
    for name, value in words.items():
        data = data.replace(f"@{name}@".encode(), value.encode())
    return data


async def whole_body(receive: ASGIReceiveCallable) -> bytes:
    """The body of a request."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ConnectionError("the caller left before the request was whole")
        body += message["body"]
        if not message["more_body"]:
            return body


async def until_gone(exchange: Exchange, answer: Answer, receive: ASGIReceiveCallable) -> None:
    """Play the answer until it ends or the caller closes the connection."""
    playing = asyncio.ensure_future(exchange.play(answer))
    leaving = asyncio.ensure_future(receive())  # answers when the caller has gone or the response is over
    await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
    if playing.done():
        playing.result()
    else:
        exchange.played.ended = "peer closed"
    for task in (playing, leaving):
        task.cancel()
    await asyncio.gather(playing, leaving, return_exceptions=True)


class Protocol(HttpToolsProtocol):
    """Hands the application the transport, so that a script can close the socket in the middle of a chunk."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


def main() -> None:
    """Listen, print the port, serve until the process is told to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="show what can be played, and what the gateway makes of it")
    arguments = parser.parse_args()
    if arguments.list:
        every = {**OUTCOMES, **RESPONSES_OUTCOMES}
        sys.stdout.writelines(f"{name:<40} {outcome}\n" for name, outcome in every.items())
        return
    listener = socket.create_server(("127.0.0.1", arguments.port), backlog=1024)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        Upstream(), http=Protocol, lifespan="off", log_level="critical", timeout_graceful_shutdown=0
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
