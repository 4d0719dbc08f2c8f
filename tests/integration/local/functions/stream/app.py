"""Streams what the request's script says, and waits at its gate where the script says so."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

from streaming import StreamingResponse


async def handler(event: dict[str, Any], _context: object) -> StreamingResponse:
    script = json.loads(event["body"])
    for step in script.get("before", []):
        await _perform(step, script)
    headers = {"content-type": script.get("content_type", "text/event-stream"), "x-function": "stream"}
    return StreamingResponse(script.get("status", 200), headers, Pieces(script))


class Pieces:
    """A body that has something to do when it is closed, as one that settles has."""

    def __init__(self, script: dict[str, Any]) -> None:
        self._script = script
        self._pieces = _pieces(script)
        self._count = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._pieces)
        self._count += 1
        return piece

    async def aclose(self) -> None:
        await self._pieces.aclose()
        for step in self._script.get("closing", []):
            await _perform(step, self._script)
        if "farewell" in self._script:
            Path(self._script["farewell"]).write_text(str(self._count))  # noqa: ASYNC240 a test waits for it


async def _pieces(script: dict[str, Any]) -> AsyncGenerator[bytes, None]:
    try:
        for step in script["steps"]:
            yield await _perform(step, script)
    finally:
        for step in script.get("after", []):
            await _perform(step, script)


async def _perform(step: Any, script: dict[str, Any]) -> bytes:
    match step:
        case {"send": text}:
            return str(text).encode()
        case {"event_of": size}:
            return b"data: " + b"x" * (int(size) - 8) + b"\n\n"
        case "process":
            return b"data: %d\n\n" % os.getpid()
        case {"touch": path}:
            Path(path).touch()  # noqa: ASYNC240 a test waits for it
        case "wait":
            await _opened(script["gate"])
        case "fail":
            raise ValueError("this text is the user's own")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case _:
            raise ValueError("no such step")
    return b""


async def _opened(path: str) -> None:
    """Return when the gate is opened: a byte for whoever reads it first."""
    gate = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    loop = asyncio.get_running_loop()
    try:
        while True:
            readable = loop.create_future()
            loop.add_reader(gate, _wake, readable)
            try:
                await readable
            finally:
                loop.remove_reader(gate)
            try:
                if os.read(gate, 1):
                    return
            except BlockingIOError:
                continue
    finally:
        os.close(gate)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
