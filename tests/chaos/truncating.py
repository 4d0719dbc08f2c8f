"""An upstream of one answer: the model `cut-120` gets its first 120 bytes, `slow` gets it in two seconds."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.unit.gateway.raw_server import DONE, HEAD, LAST_CHUNK, chunk


def _event(delta: dict[str, object], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return chunk(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")


ANSWER: Final = b"".join(
    [
        HEAD,
        _event({"role": "assistant", "content": "Hello"}),
        _event({"content": " from the upstream"}),
        _event({}, "stop"),
        chunk(DONE),
        LAST_CHUNK,
    ]
)
_PIECES: Final = 20
_CUT: Final = re.compile(rb'"model": ?"cut-(\d+)"')


def _slowly() -> list[bytes]:
    size = len(ANSWER) // _PIECES + 1
    return [ANSWER[start : start + size] for start in range(0, len(ANSWER), size)]


async def serve_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request as its model says."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        body = await reader.readexactly(int(length[1])) if length else b""
        cut = _CUT.search(body)
        for piece in [ANSWER[: int(cut[1])]] if cut else _slowly():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0 if cut else 2 / _PIECES)
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def truncating() -> AsyncIterator[str]:
    """The address of one."""
    server = await asyncio.start_server(serve_once, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
