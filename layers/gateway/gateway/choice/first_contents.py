"""Remembers how long candidates take to their first content, by route, for those routes that hedge. Pure."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.routing.resolve import Candidate

HALF_LIFE = 600.0
"""Seconds after which a time counts half."""
LEAST_SAMPLES = 20.0
"""Fewer, decayed, tell no 95th percentile: nobody is hedged."""
MOST_SAMPLES = 200
LEAST_SECONDS = 1.0
"""A second candidate is never asked sooner."""
MOST_KINDS = 1024
_SHARE_ABOVE = 0.05


class Kind(NamedTuple):
    """What is alike enough to be compared: whole answers take longer than the beginnings of streams."""

    route: str
    candidate: str
    is_stream: bool


@dataclass(slots=True)
class FirstContents:
    """Of one environment. Times are seconds since the epoch."""

    samples: dict[Kind, deque[tuple[float, float]]] = field(default_factory=dict)
    """When, and after how many seconds; the newest last."""

    def note(self, kind: Kind, seconds: float, now: float) -> None:
        """Take over one."""
        known = self.samples.get(kind)
        if known is None:
            if len(self.samples) >= MOST_KINDS:
                del self.samples[next(iter(self.samples))]
            known = self.samples[kind] = deque(maxlen=MOST_SAMPLES)
        known.append((now, seconds))

    def slow_after(self, kind: Kind, now: float) -> float | None:
        """The seconds that 95 of 100 take at most, but no less than `LEAST_SECONDS`; None: too few are known."""
        weighed = [(seconds, 0.5 ** (max(0.0, now - at) / HALF_LIFE)) for at, seconds in self.samples.get(kind, ())]
        whole = sum(weight for _, weight in weighed)
        if whole < LEAST_SAMPLES:
            return None
        above, slowest = 0.0, 0.0
        for slowest, weight in sorted(weighed, reverse=True):  # noqa: B007 the last one is the result
            above += weight
            if above > _SHARE_ABOVE * whole:
                break
        return max(LEAST_SECONDS, slowest)


@dataclass(frozen=True, slots=True)
class RouteHedge:
    """What one request needs: the times of its route. `clock` gives seconds since the epoch."""

    contents: FirstContents
    route: str
    is_stream: bool
    clock: Callable[[], float]

    def after(self, candidate: Candidate) -> float | None:
        """Seconds without content after which another is asked beside the candidate."""
        return self.contents.slow_after(self._kind(candidate), self.clock())

    def note(self, candidate: Candidate, seconds: float) -> None:
        """Take over how long it took, or that it took longer: without these the times would be those of the quick."""
        self.contents.note(self._kind(candidate), seconds, self.clock())

    def _kind(self, candidate: Candidate) -> Kind:
        return Kind(self.route, candidate.name, self.is_stream)
