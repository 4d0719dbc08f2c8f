"""Answers made of others, or of payloads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.upstreams.answers import Send, Stream, Wait, Whole
from tests.upstreams.chat import event

MOMENT = (Wait(0.1),)
"""Long enough for what was sent before to arrive by itself."""


def refusal(status: int, body: Any, **headers: str) -> Whole:
    """A whole answer with a JSON body; header names are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Whole(status, json.dumps(body).encode(), {"content-type": "application/json", **named})


def events(*payloads: Mapping[str, Any]) -> Stream:
    """Status 200 and just these events."""
    return Stream(tuple(Send(event(payload)) for payload in payloads))


def sent_by(answer: Stream) -> bytes:
    """All that the stream sends."""
    return b"".join(step.data for step in answer.steps if isinstance(step, Send))


def in_bytes(answer: Stream) -> Stream:
    """The same stream, a chunk of the body for every byte."""
    return Stream(tuple(Send(bytes([byte])) for byte in sent_by(answer)))


def with_crlf(answer: Stream) -> Stream:
    """The same stream with CRLF line ends, a comment before each event and no space after `data:`."""
    sent = (step.data for step in answer.steps if isinstance(step, Send))
    return Stream(
        tuple(
            Send(b": PROCESSING\r\n\r\n" + data.replace(b"data: ", b"data:").replace(b"\n", b"\r\n")) for data in sent
        )
    )
