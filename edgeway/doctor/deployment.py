"""Asks the gateway that is examined, as an HTTP client does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

SECONDS_FOR_AN_ANSWER: Final = 120.0
SECONDS_OF_SILENCE: Final = 60.0
"""More than any client waits for the next event of a stream that promises a ping every ten seconds."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Json:
        """Return the body as a JSON object; an empty one where it is something else."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def error(self) -> Json:
        """Return the `error` of an Anthropic-shaped body."""
        error = self.json.get("error")
        return error if self.json.get("type") == "error" and isinstance(error, dict) else {}

    def summary(self) -> str:
        """Return status and error type, or the beginning of the unexpected body."""
        if self.status < httpx.codes.BAD_REQUEST:
            return f"{self.status} in {self.seconds:.2f} s"
        said = self.error.get("type") or self.body[:80].decode("utf-8", "replace") or "nothing"
        return f"{self.status} {said}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event of a stream, with its arrival in seconds since the request was sent."""

    seconds: float
    event: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A streamed answer."""

    status: int
    headers: Mapping[str, str]
    arrivals: tuple[Arrival, ...]
    broke: str = ""
    """The reason why it broke off; empty where it did not."""


class Deployment:
    """Asks a gateway. `clock` gives seconds."""

    def __init__(self, url: str, key: str, *, client: httpx.Client, clock: Callable[[], float]) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._client = client
        self.clock = clock

    def ask(
        self,
        method: str,
        path: str,
        body: Json | bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return a whole answer. The key goes as x-api-key, unless other headers are given. Raises httpx's errors."""
        began = self.clock()
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        answer = self._client.request(
            method,
            self.url + path,
            content=content,
            headers={"content-type": "application/json", **(self.as_api_key if headers is None else headers)},
            timeout=SECONDS_FOR_AN_ANSWER,
        )
        return Answer(answer.status_code, answer.headers, answer.content, self.clock() - began)

    def stream(self, body: Json) -> Stream:
        """Return a streamed answer of POST /v1/messages, event by event."""
        began = self.clock()
        arrivals: list[Arrival] = []
        headers = {"content-type": "application/json", **self.as_api_key}
        timeout = httpx.Timeout(SECONDS_OF_SILENCE)
        with self._client.stream(
            "POST", f"{self.url}/v1/messages", json={**body, "stream": True}, headers=headers, timeout=timeout
        ) as answer:
            broke = ""
            try:
                for line in answer.iter_lines():
                    if line.startswith("event:"):
                        event = line.removeprefix("event:").strip()
                        arrivals.append(Arrival(self.clock() - began, event))
            except httpx.HTTPError as error:
                broke = f"{type(error).__name__} after {self.clock() - began:.1f} s"
            return Stream(answer.status_code, answer.headers, tuple(arrivals), broke)

    @property
    def as_api_key(self) -> Mapping[str, str]:
        """The key as the SDKs send it."""
        return {"x-api-key": self._key}

    @property
    def as_bearer(self) -> Mapping[str, str]:
        """The key as Claude Code sends ANTHROPIC_AUTH_TOKEN."""
        return {"authorization": f"Bearer {self._key}"}
