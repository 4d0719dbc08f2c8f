"""What one fault came to: what the caller saw, whether that was lawful, and how the next caller fared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from tests.laws import check, decode
from tests.running import Gateway

PATIENCE: Final = 40.0
"""Seconds; every fault here ends sooner."""
BROKEN_OFF: Final = "broken off"
"""What a caller sees whose connection ended before its answer did."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A fault, and what was seen of it."""

    fault: str
    saw: str
    unlawful: str = ""
    """Why it was no lawful answer; empty: it was one."""
    after: str = ""
    """What was wrong with the answer to the next caller; empty: nothing."""

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong."""
        return not self.unlawful and not self.after

    def parts(self) -> Iterator[str]:
        """What each of its callers saw: `12 200 message_stop, 500 api_error` is of thirteen."""
        for part in self.saw.split(", "):
            count, _, what = part.partition(" ")
            yield from [what] * int(count) if count.isdigit() and " " in what else [part]

    def row(self) -> str:
        """As the matrix prints it."""
        lawful, following = self.unlawful or "lawful", self.after or "next served"
        return f"{'ok  ' if self.is_well else 'BAD '}{self.fault:<58}{self.saw:<34}{lawful:<10}{following}"


class Caller:
    """Asks a gateway."""

    def __init__(self, gateway: Gateway, client: httpx.AsyncClient, limited_key: str) -> None:
        self._gateway = gateway
        self._client = client
        self._keys = (gateway.key, limited_key)

    async def ask(self, model: str, *, stream: bool, is_limited: bool = False) -> tuple[str, str]:
        """What was seen, and why that was not lawful."""
        body = {
            "model": model,
            "max_tokens": 4000,
            "stream": stream,
            "tools": [{"name": name, "input_schema": {"type": "object"}} for name in ("get_weather", "get_time")],
            "messages": [{"role": "user", "content": "Hello"}],
        }
        headers = {"x-api-key": self._keys[is_limited]}
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.post(f"{self._gateway.url}/v1/messages", json=body, headers=headers)
        except TimeoutError:
            return "nothing", f"nothing came in {PATIENCE:g} seconds"
        except httpx.HTTPError:
            return BROKEN_OFF, "the connection broke off"
        return _judged(answer, stream=stream and answer.status_code == httpx.codes.OK)

    async def fares_well(self, *, is_limited: bool = False) -> str:
        """What is wrong with an answer that nothing is wrong with; empty: nothing."""
        saw, unlawful = await self.ask("openai/hostile/plain", stream=True, is_limited=is_limited)
        return unlawful or ("" if saw == "200 message_stop" else f"the next caller saw {saw}")


def _judged(answer: httpx.Response, *, stream: bool) -> tuple[str, str]:
    try:
        if stream:
            events = decode(answer.content)
            check(events)
            last = events[-1]
            return f"200 {last['error']['type'] if last['type'] == 'error' else last['type']}", ""
        document = json.loads(answer.content)
        if answer.status_code == httpx.codes.OK:
            assert document["type"] == "message"
            assert document["stop_reason"]
            return f"200 {document['stop_reason']}", ""
        assert document["type"] == "error"
        assert document["error"]["message"]
        return f"{answer.status_code} {document['error']['type']}", ""
    except (AssertionError, ValueError, KeyError, TypeError) as error:
        return f"{answer.status_code}", f"unlawful: {str(error)[:60] or type(error).__name__}"
