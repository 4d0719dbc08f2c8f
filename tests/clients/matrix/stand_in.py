"""A model behind chat completions, Responses and the Messages API at once, which every client can be tried on.

The prompt says what is tried: `[[feature:thinking]] [[case:NAME]] [[call:…]]`, the call in base64, since every client
has tools of its own. What the model says holds a word that nobody can know before the run; what a tool has said is
repeated. It refuses a request that is not lawful in its dialect, and one in which its own reasoning is altered.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from tests.clients.matrix.dialects import DIALECTS, Asked, Dialect, Turn

_WORD = re.compile(r"\[\[([a-z]+):([^\[\]]+)\]\]")
CLOSING = "submit_and_exit"
"""Cline's tool: a run ends when it is called."""
UNDER_WAY = "I will look."


class Refused(Exception):  # noqa: N818 -- an answer like another
    """A request that is answered with a 400."""


def prompt(feature: str, case: str, call: tuple[str, Mapping[str, Any]]) -> str:
    """What a client is given, for the model to play a case with it."""
    name, given = call
    coded = base64.b64encode(json.dumps({"name": name, "input": given}).encode()).decode()
    return f"Look at the note and say what stands in it. [[feature:{feature}]] [[case:{case}]] [[call:{coded}]]"


class Model:
    """What it says, and what it was asked."""

    def __init__(self) -> None:
        self._secret = secrets.token_hex(16)
        self.asked: deque[tuple[str, str]] = deque(maxlen=1000)
        """The dialect and the case of each request."""
        self.has_its_thoughts: set[str] = set()
        """The cases in which what it had thought came back."""

    def word(self, case: str, about: str) -> str:
        """What only the model knows."""
        return hashlib.sha256(f"{self._secret}/{case}/{about}".encode()).hexdigest()[:16]

    def proof(self, case: str, dialect: Dialect) -> tuple[str, str]:
        """A thought, and what has to come back of it."""
        thought = f"I think of {self.word(case, 'thought')}."
        return thought, dialect.proof(thought, base64.b64encode(self.word(case, "proof").encode() * 20).decode())

    def answer(self, dialect: Dialect, body: Mapping[str, Any]) -> Turn:
        """The next turn. Raises `Refused`."""
        try:
            dialect.check(body)
        except AssertionError as error:
            raise Refused(f"not lawful: {str(error).partition(chr(10))[0]}") from error
        asked = dialect.read(body)
        words = dict(_WORD.findall(asked.text))
        case = words.get("case", "")
        self.asked.append((dialect.name, case))
        match words.get("feature"):
            case "error":
                raise Refused(f"This is refused for the word {self.word(case, 'error')}.")
            case "tool" | "thinking" as feature if asked.tools:
                return self._step(dialect, asked, words, feature)
            case "plain":
                return _closed(asked, f"The answer is {self.word(case, 'plain')}.")
            case _:  # a title, a summary
                return Turn(text="A note")

    def _step(self, dialect: Dialect, asked: Asked, words: Mapping[str, str], feature: str) -> Turn:
        thinks = feature == "thinking"
        thought, proof = self.proof(words["case"], dialect)
        if thinks and not asked.wants_thinking:
            raise Refused("nobody has asked for thinking")
        if not asked.results:
            call = json.loads(base64.b64decode(words["call"]))
            if call["name"] not in asked.tools:
                raise Refused(f"there is no tool {call['name']} among {sorted(asked.tools)}")
            opening = Turn(text=UNDER_WAY, call=call)
            return opening if not thinks else Turn(opening.text, call, thought, proof)
        if thinks and asked.proofs:
            if asked.proofs != {proof}:
                raise Refused("the reasoning is altered")
            self.has_its_thoughts.add(words["case"])
        return _closed(asked, f"The tool said: {asked.results[-1]}")


def _closed(asked: Asked, text: str) -> Turn:
    """The last words, said by a call where a client ends by one."""
    if CLOSING not in asked.tools:
        return Turn(text=text)
    return Turn(call={"name": CLOSING, "input": {"summary": text, "verified": True}})


class StandIn(ThreadingHTTPServer):
    """The model's server."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = Model()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        dialect = DIALECTS.get(urlsplit(self.path).path)
        if dialect is None:
            self._tell(404, b"{}")
            return
        assert isinstance(self.server, StandIn)
        try:
            turn = self.server.model.answer(dialect, body)
        except Refused as refused:
            self._tell(400, json.dumps(dialect.refusal(str(refused))).encode())
            return
        kind, said = dialect.write(turn, stream=bool(body.get("stream")))
        self._tell(200, said, kind)

    def _tell(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the library's name
        """Say nothing."""


@contextmanager
def running_stand_in() -> Iterator[StandIn]:
    """One on a free port."""
    with StandIn() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
