"""Holds keys to the requests of their plan where no API Gateway does: a rate with a burst, and so many a day (UTC).

The rate is a moment, that at which all requests would have been due had they come evenly (GCRA): the token bucket of
API Gateway, over all processes of one store.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from translator.anthropic.errors import ApiError

from gateway.access.key_records import KeyRecord
from gateway.access.taking import Taker
from gateway.settings import PlanLimits
from gateway.storage.protocol import Change, Store
from gateway.web.summary import Log

SORT_KEY: Final = "PLAN"
SECOND: Final = 1_000_000
"""In microseconds, as all moments here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one limit has of the change, as `Change` names it."""

    put: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    equal: Mapping[str, Any] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)


class PlanLimiter:
    """Counts the requests of keys by their plan; other plans have no limits. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        plans: Mapping[str, PlanLimits],
        open_store: Callable[[], Awaitable[Store]],
        *,
        clock: Callable[[], float],
        log: Log,
    ) -> None:
        self._plans = plans
        self._clock = clock
        self._taker = Taker(open_store, sort_key=SORT_KEY, log=log)

    async def admit(self, key: KeyRecord) -> None:
        """Count one request. Raises `rate_limit_error` in the words of template.yaml, and as `Taker.take` does."""
        limits = self._plans.get(key.plan)
        if limits is not None:
            await self._taker.take(key, partial(self._taking, key, limits))

    def _taking(self, key: KeyRecord, limits: PlanLimits, seen: Mapping[str, Any]) -> Change:
        now = self._clock()
        day, rate = _of_day(limits, seen, now), _of_rate(limits, seen, now)
        return Change(
            **self._taker.place(key),
            put={**day.put, **rate.put},
            add={**day.add, **rate.add},
            equal={**day.equal, **rate.equal},
            at_most={**day.at_most, **rate.at_most},
        )


def _of_rate(limits: PlanLimits, seen: Mapping[str, Any], seconds: float) -> _Part:
    now, takes = int(seconds * SECOND), int(SECOND / limits.rate)
    due = int(seen.get("due", 0))
    if due <= now:
        return _Part(put={"due": now + takes}, at_most={"due": now})
    latest = now + (limits.burst - 1) * takes
    if due > latest:
        raise ApiError("rate_limit_error", "too many requests per second", retry_after=1)
    return _Part(add={"due": takes}, at_most={"due": latest})


def _of_day(limits: PlanLimits, seen: Mapping[str, Any], seconds: float) -> _Part:
    today, stored = datetime.fromtimestamp(seconds, UTC).date().isoformat(), seen.get("day")
    if stored is None or stored < today:
        return _Part(put={"day": today, "requests": 1}, equal={"day": stored})
    if int(seen.get("requests", 0)) >= limits.day:
        raise ApiError("rate_limit_error", "this key has used up its requests of the day", retry=False)
    return _Part(add={"requests": 1}, equal={"day": stored}, at_most={"requests": limits.day - 1})
