"""What a scripted upstream can do with one request: data, played by tests.upstreams.scripted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes as one chunk of the body; a request's [[name:value]] fills @name@ in them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Send text chunks on a fixed beat, each its number and its monotonic send time in nanoseconds."""

    chunks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Announce a longer chunk than this data, send the data and close the socket."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """Write these bytes as they are, outside the chunks of the body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the socket with a reset (RST), which may destroy what is still on its way."""


Step = Send | Wait | Pace | Cut | Raw | Reset

EVENTS: Mapping[str, str] = {"content-type": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Stream:
    """Status 200 and server-sent events; `delay` seconds pass before the headers."""

    steps: tuple[Step, ...]
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=lambda: EVENTS)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole answer; `delay` seconds pass before the headers."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the socket before any answer."""

    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Write these bytes in place of a whole answer of HTTP, and close the socket."""

    data: bytes
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Picky:
    """Refuse a request that has this top-level field, and answer every other."""

    field: str
    refusal: Whole
    answer: Stream


Answer = Stream | Whole | HangUp | Verbatim

# By how many tool results the request holds (the largest key that is not above it); then the first
# request gets the first answer, the next one the next, and from the last answer on it repeats.
Script = Mapping[int, tuple[Answer | Picky, ...]]
