"""Records each request and adds it to totals, when its answer has ended.

A key's totals lie in its own partition, by day, model and owner and by day and session; an owner's are sums of these,
which saves a write. Totals are by the
model that answered, as the catalogue knows it: no word of a caller's names one, except within a session of the caller's
own, which ends with its records.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from secrets import token_hex
from typing import Any, Final

from gateway.routing.resolve import Candidate
from gateway.storage.protocol import Change, ConflictError, Item, ItemType, Store
from gateway.web.failures import never_failing
from gateway.web.summary import Log, Summary
from gateway.web.uninterrupted import in_background

KEEP_DAYS: Final = 90
LONGEST_WORD: Final = 128
DAY: Final = "DAY#"
SESSION: Final = "SESSION#"
OTHER: Final = "other"
"""Stands for a provider's models that the catalogue lacks: callers name what they like."""
COUNTS: Final = (
    "requests",
    "errors",
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens",
    "thinking_tokens",
    "cost_micro_dollars",
    "estimated_micro_dollars",
)
"""What is summed."""
_RECORDED: Final = (
    "request_id", "key_id", "owner", "session", "agent", "parent_agent", "client", "requested_model", "model", "status",
    "stream", "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens",
    "thinking_tokens", "cost_micro_dollars", "cost_is_estimate", "attempts", "left_cache", "stop_reason",
    "error_type",
)  # fmt: skip
_VALUES: Final = attrgetter(*_RECORDED)
_TRIES: Final = 4
_PAUSE_SECONDS: Final = 0.02


def key_partition(key_id: str) -> str:
    """Where a key's totals lie."""
    return f"{ItemType.USAGE.prefix}key/{key_id}"


def record_partition(key_id: str, day: str) -> str:
    """Where the records of a key's day lie."""
    return f"{ItemType.USAGE.prefix}record/{key_id}/{day}"


def printable(text: str | None) -> str:
    """A caller's word, cut to what may be stored and shown: no escapes for terminals, no end of a line."""
    word = (text or "")[:LONGEST_WORD]
    if word.isprintable():
        return word
    return "".join(character if character.isprintable() else "?" for character in word)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One request that is to be written down."""

    record: Item
    totals: Mapping[tuple[str, str], Mapping[str, int]]
    facts: Mapping[tuple[str, str], Mapping[str, Any]]
    """What the totals say besides."""


class UsageRecorder:
    """Writes records and totals. What comes while others are being written is written together, the sums added up.

    `gather_seconds`: requests that end within so much time are written together too, and none waits for that.
    `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        open_store: Callable[[], Awaitable[Store]],
        *,
        clock: Callable[[], float],
        log: Log,
        gather_seconds: float = 0.0,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._open_store = open_store
        self._gather_seconds = gather_seconds
        self._clock = clock
        self._log = never_failing(log)
        self._pause = pause
        self._waiting: list[tuple[Summary, Candidate, float]] = []
        self._writing = asyncio.Lock()

    async def record(self, summary: Summary, candidate: Candidate) -> None:
        """Write down how a request ended; nothing is waited for where that is gathered. Never raises."""
        is_first = not self._waiting
        self._waiting.append((summary, candidate, self._clock()))
        if not self._gather_seconds:
            await self._write_waiting()
        elif is_first:
            _ = in_background(self._write_gathered())

    async def _write_gathered(self) -> None:
        await self._pause(self._gather_seconds)
        await self._write_waiting()

    async def _write_waiting(self) -> None:
        async with self._writing:
            ended, self._waiting = self._waiting, []
            await self._write([_entry(*each) for each in ended])

    async def _write(self, entries: Iterable[_Entry]) -> None:
        sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
        facts: dict[tuple[str, str], Mapping[str, Any]] = {}
        work: list[Awaitable[None]] = []
        for entry in entries:
            work.append(self._put(entry.record))
            facts |= entry.facts
            for place, counts in entry.totals.items():
                sums[place] = {name: sums[place][name] + counts[name] for name in COUNTS}
        work += [self._add(place, counts, facts.get(place, {})) for place, counts in sums.items()]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, Exception):
                self._log("usage not recorded", {"error": type(outcome).__name__})

    async def _put(self, item: Item) -> None:
        async def put(store: Store) -> None:
            with suppress(ConflictError):  # it stands there: the store's answer was lost
                await store.put(item, replaces=None)

        await self._tried(put)

    async def _add(self, place: tuple[str, str], counts: Mapping[str, int], facts: Mapping[str, Any]) -> None:
        partition, sort_key = place
        mark = token_hex(6)
        change = Change(
            pk=partition,
            sk=sort_key,
            type=ItemType.USAGE,
            put={**facts, "last": mark},
            add={name: number for name, number in counts.items() if number},
            unequal={"last": mark},
            ttl=_ends(self._clock()) if sort_key.startswith(SESSION) else None,
        )

        async def add(store: Store) -> None:
            with suppress(ConflictError):  # the same: it has been added
                await store.change(change)

        await self._tried(add)

    async def _tried(self, write: Callable[[Store], Awaitable[None]]) -> None:
        """Write, and again where the store fails for a moment."""
        for attempt in range(1, _TRIES):
            with suppress(Exception):  # each store has errors of its own; the last one is told
                await write(await self._open_store())
                return
            await self._pause(random.uniform(0, _PAUSE_SECONDS * 2**attempt))
        await write(await self._open_store())


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of requests."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)

    def __add__(self, other: "Totals") -> "Totals":
        return Totals({name: self[name] + other[name] for name in COUNTS})


def read_totals(attributes: Mapping[str, Any]) -> Totals:
    """The sums in an item, or of one record."""
    return Totals({name: value for name in COUNTS if name in attributes and type(value := attributes[name]) is int})


def counts_of_record(attributes: Mapping[str, Any]) -> Totals:
    """What one record adds to a sum."""
    cost = attributes.get("cost_micro_dollars") or 0
    more = {
        "requests": 1,
        "errors": int(attributes.get("error_type") is not None),
        "estimated_micro_dollars": cost if attributes.get("cost_is_estimate") else 0,
    }
    return Totals({**read_totals(attributes).counts, **more})


def day_of(now: float) -> str:
    """The day of a moment in UTC, as an ISO date."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _entry(summary: Summary, candidate: Candidate, now: float) -> _Entry:
    day, key_id = day_of(now), summary.key_id or ""
    model = candidate.name if candidate.facts is not None else f"{candidate.provider.id}/{OTHER}"
    attributes: dict[str, Any] = {
        **dict(zip(_RECORDED, _VALUES(summary), strict=True)),
        "at": int(now),
        "tried": [f"{each['model']}={each['outcome']}" for each in summary.tried],
        "first_event_ms": None if summary.first_event_ms is None else round(summary.first_event_ms),
        "total_ms": None if summary.total_ms is None else round(summary.total_ms),
    }
    moment = datetime.fromtimestamp(now, UTC).strftime("%H:%M:%S.%f")
    record = Item(
        record_partition(key_id, day), f"{moment}#{summary.request_id}", ItemType.USAGE, attributes, ttl=_ends(now)
    )
    each = {**dict.fromkeys(COUNTS, 0), **counts_of_record(attributes).counts}
    place = key_partition(key_id), f"{DAY}{day}#{model}" + (f"#{summary.owner}" if summary.owner else "")
    totals = {place: each}
    facts: dict[tuple[str, str], Mapping[str, Any]] = {place: {"owner": summary.owner} if summary.owner else {}}
    if summary.session:
        place = key_partition(key_id), f"{SESSION}{day}#{summary.session}#{summary.agent}"
        totals[place] = each
        facts[place] = {"session": summary.session, "agent": summary.agent, "parent_agent": summary.parent_agent}
    return _Entry(record, totals, facts)


def _ends(now: float) -> int:
    return int(now) + KEEP_DAYS * 86_400
