"""Remembers learned traits in memory, and in the store for all environments.

Items are written when something is learnt and read at most every `READ_SECONDS`. The store is never waited for longer
than `PATIENCE_SECONDS`, and where it fails the request goes on without it: what it would have told costs one refusal.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from translator.bisection import Bisection
from translator.learned_traits import CorrectableError, LearnedTraits
from translator.traits import Traits

from gateway.learning.trait_records import TraitRecord, TraitRecords, records_of
from gateway.learning.trait_table import KEEP_SECONDS, TraitTable
from gateway.routing.resolve import Candidate
from gateway.settings import Settings
from gateway.storage.open import open_store, opened_once
from gateway.web.failures import never_failing
from gateway.web.summary import Log
from gateway.web.uninterrupted import in_background

READ_SECONDS = 10.0
PATIENCE_SECONDS = 0.05
"""A warm read takes a fifth of it; a cold one is not worth waiting for."""
_CACHE_SIZE = 1024


@dataclass(slots=True, eq=False)
class _Remembered:
    """The learned traits of one model, as this environment knows them."""

    traits: TraitRecords
    read_at: float
    reading: asyncio.Task[None] | None = None
    """The read under way; None once a request has waited for it long enough."""


class TraitMemory:
    """Remembers learned traits. `clock` gives seconds since the epoch."""

    def __init__(self, open_table: Callable[[], TraitTable], *, clock: Callable[[], float], log: Log) -> None:
        self._table = opened_once(open_table)
        self._clock = clock
        self._log = never_failing(log)
        self._models: dict[str, _Remembered] = {}
        self._bisections: dict[tuple[str, str], Bisection] = {}
        self._writing = asyncio.Lock()
        """Lets one request write at a time: those that learn the same at once would conflict in the store."""

    async def correct(self, candidate: Candidate, key_id: str) -> Traits:
        """Return the candidate's traits, corrected by those that this key or everybody has learned."""
        known = self._models.get(candidate.name)
        if known is None or not 0 <= self._clock() - known.read_at < READ_SECONDS:
            known = self._refreshing(candidate.name)
        if known.reading is not None:
            await asyncio.wait({known.reading}, timeout=PATIENCE_SECONDS)
            known.reading = None
        return known.traits.traits_for(key_id, self._clock()).correct(candidate.traits)

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        """Remember what the refusal teaches about the model, where that lasts, from now on."""
        if not refusal.lasts:
            return
        ends = int(self._clock()) + KEEP_SECONDS
        traits = records_of(refusal.learned, key_id, ends=ends, is_certain=refusal.is_certain)
        known = self._models.get(candidate.name)
        before = known.traits if known else TraitRecords()
        traits = before.within_limits(traits)
        # A new object: a read that is under way knows nothing of these yet, and writes into the old one.
        self._remember(candidate.name, before.learn(traits))
        self._log("learnt", {"model": candidate.name, "traits": LearnedTraits().learn(refusal.learned).attributes()})
        _ = in_background(self._write(candidate.name, key_id, traits))

    def bisection(self, candidate: Candidate, key_id: str) -> Bisection | None:
        """Return the search for the refused part of a request, where the candidate has refused without naming it."""
        return self._bisections.get((candidate.name, key_id))

    def bisect(self, candidate: Candidate, key_id: str, bisection: Bisection | None) -> None:
        """Keep the search for the key's next requests, as long as this environment lives."""
        if bisection is None:
            self._bisections.pop((candidate.name, key_id), None)
            return
        if len(self._bisections) >= _CACHE_SIZE:
            self._bisections.clear()
        self._bisections[candidate.name, key_id] = bisection

    def _refreshing(self, model: str) -> _Remembered:
        """Return the known traits, and read the store in the background. Its answer counts whenever it comes."""
        before = self._models.get(model)
        known = self._remember(model, before.traits if before else TraitRecords())
        known.reading = in_background(self._read(model, known))
        return known

    def _remember(self, model: str, traits: TraitRecords) -> _Remembered:
        if len(self._models) >= _CACHE_SIZE:
            self._models.clear()
        self._models[model] = _Remembered(traits, self._clock())
        return self._models[model]

    async def _read(self, model: str, known: _Remembered) -> None:
        try:
            known.traits = await (await self._table()).of(model)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)

    async def _write(self, model: str, key_id: str, traits: Sequence[TraitRecord]) -> None:
        try:
            async with self._writing:
                await (await self._table()).add(model, key_id, traits)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._log("traits not stored", {"error": type(error).__name__})


def open_memory(settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float], log: Log) -> TraitMemory:
    """Open the memory of a function that starts."""

    def open_table() -> TraitTable:
        return TraitTable(open_store(settings.store, environ, clock=clock), clock=clock)

    return TraitMemory(open_table, clock=clock, log=log)
