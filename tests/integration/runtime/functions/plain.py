"""A function for Lambda's own runtime: an async handler on one loop, with a connection that it keeps."""

import asyncio
import os
from asyncio import StreamReader, StreamWriter
from typing import Any

from streaming import run_on_one_loop

kept: list[tuple[StreamReader, StreamWriter]] = []
loops: list[asyncio.AbstractEventLoop] = []


async def ask(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Ask a server over the connection that is kept; tell how many loops there have been."""
    loops.append(asyncio.get_running_loop())
    if event.get("fails"):
        raise ValueError("it fails")
    if not kept:
        kept.append(await asyncio.open_connection("127.0.0.1", int(os.environ["PORT"])))
    reader, writer = kept[0]
    writer.write(event["word"].encode() + b"\n")
    return {
        "answer": (await reader.readline()).decode(),
        "loops": len({*loops}),
        "calls": len(loops),
        "request": context.aws_request_id,
    }


handler = run_on_one_loop(ask)
