"""Streams what the request's script says, and waits at its gate where the script says so."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streaming import StreamingResponse


def handler(event: dict[str, Any], _context: object) -> StreamingResponse:
    script = json.loads(event["body"])
    for step in script.get("before", []):
        _perform(step, script)
    headers = {"content-type": script.get("content_type", "text/event-stream"), "x-function": "stream"}
    return StreamingResponse(script.get("status", 200), headers, _pieces(script))


def _pieces(script: dict[str, Any]) -> Iterator[bytes]:
    try:
        for step in script["steps"]:
            yield _perform(step, script)
    finally:
        if "farewell" in script:
            Path(script["farewell"]).touch()


def _perform(step: Any, script: dict[str, Any]) -> bytes:
    match step:
        case {"send": text}:
            return str(text).encode()
        case {"event_of": size}:
            return b"data: " + b"x" * (int(size) - 8) + b"\n\n"
        case "worker":
            return b"data: %d\n\n" % os.getpid()
        case "wait":
            gate = os.open(script["gate"], os.O_RDONLY)
            try:
                os.read(gate, 1)
            finally:
                os.close(gate)
        case "fail":
            raise ValueError("this text is the user's own")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stay":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pause()
        case _:
            raise ValueError("no such step")
    return b""
