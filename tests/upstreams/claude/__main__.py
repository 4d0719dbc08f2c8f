"""The stand-in for Anthropic's API as a process: python -m tests.upstreams.claude. It prints its address.

    POST /v1/messages, /v1/messages/count_tokens    GET /v1/models
    GET /_requests     what it was asked, oldest first: path, key, headers, body in base64, the usage it told
    POST /_play        {"status": …, "body": …, "headers": {…}}: the next request to the API is answered with this

Each key is an account with a prompt cache of its own.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tests.upstreams.claude import MODELS
from tests.upstreams.claude.answers import RefusedHistoryError, events, judge, message
from tests.upstreams.claude.prompt_cache import PromptCache
from tests.upstreams.stand_in import Quiet, serve


class RefusedError(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class Handler(Quiet, BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[dict[str, Any]]] = []
    played: ClassVar[list[dict[str, Any]]] = []
    cache: ClassVar[PromptCache] = PromptCache()
    one_at_a_time: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        if self.path == "/_requests":
            self.tell(200, self.asked)
            return
        self.guarded(self.models, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/_play":
            self.played.append(json.loads(body))
            self.tell(200, {})
            return
        is_count = urlsplit(self.path).path.endswith("/count_tokens")
        self.guarded(self.count if is_count else self.answer, body)

    def guarded(self, answer: Any, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        record = {
            "path": self.path,
            "key": key,
            "headers": headers,
            "body": base64.b64encode(body).decode(),
            "usage": {},
        }
        self.asked.append(record)
        if self.played:
            play = self.played.pop(0)
            self.tell(play["status"], play["body"], play.get("headers", {}))
            return
        try:
            self.check_head(headers)
            answer(body, key, record)
        except RefusedError as refused:
            error = {"type": refused.kind, "message": str(refused)}
            self.tell(refused.status, {"type": "error", "error": error, "request_id": "req_standin"})

    def check_head(self, headers: dict[str, str]) -> None:
        if not {"x-api-key", "authorization"} & headers.keys():
            raise RefusedError(401, "authentication_error", "x-api-key header is required")
        if "anthropic-version" not in headers:
            raise RefusedError(400, "invalid_request_error", "anthropic-version: header is required")

    def models(self, _body: bytes, _account: str, _record: dict[str, Any]) -> None:
        listed = [
            {"id": model, "type": "model", "display_name": model, "created_at": "2027-01-01T00:00:00Z"}
            for model in MODELS
        ]
        self.tell(200, {"data": listed, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]})

    def answer(self, body: bytes, account: str, record: dict[str, Any]) -> None:
        asked = self.read(body)
        record["usage"] = self.usage(account, body)
        answer = message(asked, record["usage"])
        if asked.get("stream"):
            self.stream(answer)
        else:
            self.tell(200, answer, {"request-id": "req_standin"})

    def count(self, body: bytes, _account: str, _record: dict[str, Any]) -> None:
        self.read(body)
        usage = self.usage("of nobody", body)
        parts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        self.tell(200, {"input_tokens": sum(usage[part] for part in parts)})

    def read(self, body: bytes) -> dict[str, Any]:
        try:
            asked: dict[str, Any] = json.loads(body)
            judge(asked["messages"])
        except RefusedHistoryError as error:
            raise RefusedError(400, "invalid_request_error", str(error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError(400, "invalid_request_error", f"the body is not as it should be: {error}") from error
        return asked

    def usage(self, account: str, body: bytes) -> dict[str, Any]:
        try:
            with self.one_at_a_time:
                return self.cache.count(account, body.decode(), time.monotonic()).usage()
        except (ValueError, KeyError) as error:
            raise RefusedError(400, "invalid_request_error", str(error)) from error

    def stream(self, answer: dict[str, Any]) -> None:
        self.send_response(200)
        for name, value in {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_standin"}.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.send_header("anthropic-ratelimit-requests-limit", "50")
        self.end_headers()
        for each in events(answer):
            self.wfile.write(f"{len(each):x}\r\n".encode() + each + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def tell(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        written = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)


if __name__ == "__main__":
    serve(Handler)
