"""An upstream that keeps an account of its own: what each call used, and whether it has told the caller so.

What it plays stands as a word in the caller's text. Its prices are written here, and worked out in fractions, so that
they share nothing with the product's own arithmetic but the file in which the product reads them.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Final, Literal, cast

from tests.unit.gateway.raw_server import DONE, HEAD, LAST_CHUNK, chunk, whole

Kind = Literal["counted", "uncounted", "cut", "refused", "limited", "dropped", "endless", "failover"]
"""An answer with its usage; without; broken off; a 500; a 429; a connection that is closed before a word; an answer
without end; and one that is dropped at the first provider and counted at the second."""
CHUNK_SECONDS: Final = 0.03
MICRO: Final = 1_000_000
PRICES: Final[Mapping[str, Mapping[str, str]]] = {
    "one": {"input": "1.25", "output": "10", "cache_read": "0.125"},
    "two": {"input": "0.15", "output": "0.6", "cache_read": "0.0375", "request": "0.000123"},
}
"""By provider: dollars per million tokens, and dollars for each request."""
MODEL: Final = "counted-model"
_WORD: Final = re.compile(rb"\[\[play:money-([a-z]+)-(\d+)#([0-9a-z-]+)\]\]")
_WORKS_NOT: Final[frozenset[str]] = frozenset({"refused", "limited"})


@dataclass(slots=True)
class Call:
    """One call, as the upstream counts it."""

    tag: str
    provider: str
    kind: Kind
    prompt: int
    """Tokens, the cached ones included."""
    cached: int
    thinking: int
    written: int = 0
    """Tokens of text so far."""
    is_reported: bool = False
    """Whether the usage has been sent."""

    @classmethod
    def of(cls, tag: str, provider: str, kind: Kind, words: int) -> Call:
        """A call with a prompt of so many words, each a token; how much of it is cached depends on the tag."""
        if kind in _WORKS_NOT:
            return cls(tag, provider, kind, prompt=0, cached=0, thinking=0)
        chance = random.Random(f"{tag} {provider}")
        return cls(tag, provider, kind, words, chance.randrange(words), chance.choice((0, chance.randrange(50))))

    @property
    def output(self) -> int:
        """Tokens, the thinking included."""
        return self.written + self.thinking if self.written else 0

    @property
    def cost(self) -> int:
        """Micro-dollars: a part of one counts as a whole one."""
        prices = {name: Fraction(price) for name, price in PRICES[self.provider].items()}
        tokens = (
            (self.prompt - self.cached) * prices["input"]
            + self.cached * prices["cache_read"]
            + self.output * prices["output"]
        )
        fee = prices.get("request", Fraction(0)) * MICRO if self.kind not in _WORKS_NOT else 0
        return ceil(tokens + fee)

    def usage(self) -> bytes:
        """As it is told the caller."""
        usage = {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.output,
            "total_tokens": self.prompt + self.output,
            "prompt_tokens_details": {"cached_tokens": self.cached},
            "completion_tokens_details": {"reasoning_tokens": self.thinking},
        }
        return _event({"choices": [], "usage": usage})


@dataclass(slots=True)
class CountingUpstream:
    """Its address and its account."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)

    def configuration(self) -> str:
        """The operator's file that leads to it, with its prices."""
        lines = ['[aliases]\nboth = ["one/counted-model", "two/counted-model"]']
        for provider, prices in PRICES.items():
            priced = ", ".join(f"{name} = {price}" for name, price in prices.items())
            lines.append(
                f'[providers.{provider}]\nbase_url = "{self.url}/{provider}/v1"\nallow_http = true\n'
                f'authentication = "none"\n[providers.{provider}.models."{MODEL}"]\nprices = {{ {priced} }}'
            )
        return "\n".join(lines) + "\n"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, which is closed then."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            body = await reader.readexactly(int(length[1])) if length else b""
            if found := _WORD.search(body):
                kind, chunks, tag = (part.decode() for part in found.groups())
                call = Call.of(tag, head.split(b"/")[1].decode(), cast("Kind", kind), len(body.split()))
                await self._play(call, int(chunks), writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _play(self, call: Call, chunks: int, writer: asyncio.StreamWriter) -> None:
        self.calls.append(call)
        match call.kind:
            case "refused":
                writer.write(whole(b'{"error": {"message": "broken"}}', "application/json", b"500 Broken"))
            case "limited":
                writer.write(whole(b'{"error": {"message": "too many"}}', "application/json", b"429 Too Many Requests"))
            case "dropped":
                return
            case "failover" if call.provider == "one":
                writer.write(HEAD + _text(""))
            case _:
                await self._write(call, chunks, writer)
        await writer.drain()

    async def _write(self, call: Call, chunks: int, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        while call.written < chunks or call.kind == "endless":
            writer.write(_text(f"word{call.written} "))
            call.written += 1
            await writer.drain()
            await asyncio.sleep(CHUNK_SECONDS)
        if call.kind == "cut":
            return
        end = _event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if call.kind in ("counted", "failover"):
            end += call.usage()
            call.is_reported = True
        writer.write(end + chunk(DONE) + LAST_CHUNK)


@asynccontextmanager
async def counting_upstream() -> AsyncIterator[CountingUpstream]:
    """One that serves in this loop."""
    upstream = CountingUpstream()
    server = await asyncio.start_server(upstream.answer, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield upstream
    finally:
        server.close()


def prompt(kind: Kind, chunks: int, tag: str, words: int) -> str:
    """A caller's text of so many words, with what is to be played."""
    return f"[[play:money-{kind}-{chunks}#{tag}]] " + "word " * words


def _text(text: str) -> bytes:
    return _event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}]})


def _event(event: Mapping[str, object]) -> bytes:
    return chunk(
        b"data: " + json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", **event}).encode() + b"\n\n"
    )
