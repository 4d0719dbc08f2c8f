"""Remembers which candidate holds the prompt cache of a session, in this environment. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from gateway.routing.resolve import Candidate

WARM_SECONDS = 300.0
"""How long providers keep a prompt that is not asked for again."""
MOST_SESSIONS = 4096


Leaving = Literal["failed", "outrun", "order", "set_aside", "route"]
"""Why another answers than who holds the cache: it was asked in vain, it was slower than who was asked beside it,
another comes first by the order, it is set aside for its health, or the request is routed elsewhere."""


class WarmCache(NamedTuple):
    """The candidate that holds a session's prompt cache, and the reason why another one may answer."""

    holder: str
    leaving: Leaving


def warm_cache(holder: str | None, chosen: Sequence[Candidate], asked: Sequence[Candidate]) -> WarmCache | None:
    """Find the holder of the cache among the `chosen` candidates, and among the healthy ones, which are `asked`.

    None: no candidate holds it.
    """
    if holder is None:
        return None
    if asked[0].name == holder:
        return WarmCache(holder, "failed")
    if any(each.name == holder for each in asked):
        return WarmCache(holder, "order")
    return WarmCache(holder, "set_aside" if any(each.name == holder for each in chosen) else "route")


@dataclass(slots=True)
class CacheHolders:
    """The holder of each session's prompt cache. Times are seconds since the epoch."""

    by_session: dict[str, tuple[str, float]] = field(default_factory=dict)

    def answered(self, session: str, candidate: str, now: float) -> None:
        """Note that the candidate has answered the session: it now holds the session's prompt cache."""
        self.by_session.pop(session, None)
        if len(self.by_session) >= MOST_SESSIONS:
            del self.by_session[next(iter(self.by_session))]
        self.by_session[session] = (candidate, now)

    def holder(self, session: str | None, now: float) -> str | None:
        """Return the name of the holder; None where the session has none, or its cache has expired."""
        candidate, at = self.by_session.get(session or "", (None, 0.0))
        return candidate if now - at < WARM_SECONDS else None
