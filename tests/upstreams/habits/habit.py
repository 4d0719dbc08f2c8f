"""What a habit is, and what several of them are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.upstreams.answers import Answer, Send, Stream, Verbatim
from tests.upstreams.chat import DONE, chunk, delta, stream, text
from tests.upstreams.connections import HEAD
from tests.upstreams.errors import error
from tests.upstreams.expected import Answered, Outcome, called, said, tool_use
from tests.upstreams.framings import PLAIN, WHOLE
from tests.upstreams.shapes import MOMENT

LONDON = '{"city": "London"}'
AT_LONDON = called(tool_use("get_weather", city="London"))
COUNTED = (20, 30)
"""Of USAGE, without what was cached."""
GREETING = "Hello from the upstream"
NAMELESS = "the upstream sent a tool call without a name"
NO_END = "the upstream closed the stream before the answer was complete"
CLOSED = "the upstream closed the connection before the answer was complete"
NO_JSON = "the upstream sent an event that is no JSON"
IMAGE = "[The model has sent an image, which cannot be shown here.]"
UNKNOWN = "[The model has sent something that cannot be shown here.]"
UNREADABLE = "[a source in a form that is not known]"
WHOLE_BYTES = json.dumps(WHOLE).encode()
OCTETS = {"content-type": "application/octet-stream"}
SOURCE = {"type": "url_citation", "url_citation": {"url": "https://weather.test", "title": "Rain"}}
LIMITED = error("Slow down")
HALF = text("Half an ans")


class Habit(NamedTuple):
    """What an upstream does, and what must become of it."""

    answer: Answer
    outcome: Outcome


def raw(payload: str) -> Send:
    """An event whose data is this."""
    return Send(b"data: " + payload.encode() + b"\n\n")


def calls(*parts: Any) -> tuple[Send, ...]:
    """A chunk with these elements of `tool_calls`."""
    return (delta({"tool_calls": list(parts)}),)


def ending(fields: Mapping[str, Any]) -> Stream:
    """Hello, and a last chunk that has these fields beside its choices."""
    return stream(text("Hello"), (delta({}, "stop"), chunk([], **fields), DONE))


def counting(usage: Any) -> Stream:
    """Hello, and this usage."""
    return ending({"usage": usage})


def reasons(*finish_reasons: Any) -> Stream:
    """Hello, and these reasons to stop, a chunk for each."""
    return stream(text("Hello"), MOMENT, tuple(delta({}, reason) for reason in finish_reasons), (DONE,))


def sourced(*sources: str) -> Answered:
    """Hello, and these sources."""
    return said("Hello\n\nSources:\n" + "\n".join(f"- {source}" for source in sources), COUNTED)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Verbatim:
    """A chunked body, written as it is."""
    return Verbatim(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"".join(chunks) + end)


def sized(data: bytes, extension: bytes = b"") -> bytes:
    """One chunk."""
    return b"%x%b\r\n%b\r\n" % (len(data), extension, data)


def of_events(content_type: str) -> Stream:
    """The plain answer under another content type."""
    return Stream(PLAIN.steps, headers={"content-type": content_type})


def without_data(data: Sequence[Any]) -> tuple[Send, ...]:
    """The events as lines of JSON."""
    return tuple(Send(step.data.replace(b"data: ", b"")) for step in data if isinstance(step, Send))
