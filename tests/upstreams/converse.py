"""Writes the answers of Bedrock's Converse: events, whole answers, and the frames in which AWS sends events."""

from __future__ import annotations

import json
from binascii import crc32
from collections.abc import Mapping
from struct import pack
from typing import Any

Json = dict[str, Any]

TEXT_HEADER = 7
"""The type of a header that is a string."""
START: Json = {"messageStart": {"role": "assistant"}}


def delta(index: int, **content: Any) -> Json:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": content}}


def text(index: int, *pieces: str) -> list[Json]:
    """A block of text, which does not say that it begins."""
    return [*(delta(index, text=piece) for piece in pieces), stop(index)]


def call(index: int, *pieces: str, name: str = "look", call_id: str = "tooluse_a") -> list[Json]:
    begun = {"contentBlockIndex": index, "start": {"toolUse": {"toolUseId": call_id, "name": name}}}
    return [
        {"contentBlockStart": begun},
        *(delta(index, toolUse={"input": piece}) for piece in pieces),
        stop(index),
    ]


def reasoning(index: int, *pieces: str, signature: str = "") -> list[Json]:
    signed = [delta(index, reasoningContent={"signature": signature})] if signature else []
    return [*(delta(index, reasoningContent={"text": piece}) for piece in pieces), *signed, stop(index)]


def stop(index: int) -> Json:
    return {"contentBlockStop": {"contentBlockIndex": index}}


def end(reason: str = "end_turn", **usage: int) -> list[Json]:
    """The end of the message, and what it has used."""
    counts = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15, **usage}
    return [{"messageStop": {"stopReason": reason}}, {"metadata": {"usage": counts, "metrics": {"latencyMs": 7}}}]


def whole(*content: Json, reason: str = "end_turn", **usage: int) -> Json:
    counts = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15, **usage}
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": reason,
        "usage": counts,
        "metrics": {"latencyMs": 7},
    }


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """A message of AWS's event stream: lengths, headers, payload, and a checksum of each half."""
    told = b"".join(
        bytes([len(name)]) + name.encode() + bytes([TEXT_HEADER]) + pack("!H", len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = pack("!II", 12 + len(told) + len(payload) + 4, len(told))
    checked = prelude + pack("!I", crc32(prelude)) + told + payload
    return checked + pack("!I", crc32(checked))


def event_frame(event: Json) -> bytes:
    """The frame of an event, or of an exception, as AWS names it."""
    [(name, content)] = event.items()
    kind = "exception" if name.endswith("Exception") else "event"
    headers = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    return frame(headers, json.dumps(content).encode())
