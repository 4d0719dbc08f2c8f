"""Which candidate holds the prompt cache of a session, as far as this environment has seen it. Pure."""

from dataclasses import dataclass, field

WARM_SECONDS = 300.0
"""How long providers keep a prompt that is not asked for again."""
MOST_SESSIONS = 4096


@dataclass(slots=True)
class CacheHolders:
    """Times are seconds since the epoch."""

    by_session: dict[str, tuple[str, float]] = field(default_factory=dict)

    def answered(self, session: str, candidate: str, now: float) -> None:
        """It has answered the session, so that it holds its prompt now."""
        self.by_session.pop(session, None)
        if len(self.by_session) >= MOST_SESSIONS:
            del self.by_session[next(iter(self.by_session))]
        self.by_session[session] = (candidate, now)

    def holder(self, session: str | None, now: float) -> str | None:
        """Who holds it; None where nobody does any more."""
        candidate, at = self.by_session.get(session or "", (None, 0.0))
        return candidate if now - at < WARM_SECONDS else None
