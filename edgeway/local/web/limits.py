"""The limits of one process of a server. Times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one function."""

    streams: int = 4000
    """Requests that are served at once."""
    waiting: int = 256
    """Requests that wait until another has ended."""
    wait: float = 10.0
    """Seconds that they wait."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Of everybody who connects, before anybody knows who that is."""

    connections: int = 10_000
    of_one_address: int = 5_000
    head: int = 64 * 1024
    """Bytes of a request's line and headers, and of the trailers of its body."""
    head_seconds: float = 10.0
    """From its first byte, or from the beginning of the connection."""
    body_seconds: float = 300.0
    stalled_seconds: float = 60.0
    """How long a reader may read nothing of what there is to read."""
