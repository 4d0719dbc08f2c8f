"""What upstreams have taught by refusing, kept for the next request: in memory, and in the store for all environments.

Items are written when something is learnt and read at most every `READ_SECONDS`. The store is never waited for longer
than `PATIENCE_SECONDS`, and where it fails the request goes on without it: what it would have told costs one refusal.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from translator.learned_traits import CorrectableError, LearnedTraits
from translator.traits import Traits

from gateway.routing.resolve import Candidate
from gateway.routing.trait_records import TraitRecord, TraitRecords, records_of
from gateway.routing.trait_table import KEEP_SECONDS, TraitTable
from gateway.settings import Settings
from gateway.storage.open import open_store
from gateway.storage.protocol import Store
from gateway.web.summary import Log

READ_SECONDS = 10.0
PATIENCE_SECONDS = 0.05
"""A warm read takes a fifth of it; a cold one is not worth waiting for."""
_CACHE_SIZE = 1024


@dataclass(slots=True, eq=False)
class _Remembered:
    """What is learnt of one model, as this environment knows it."""

    traits: TraitRecords
    read_at: float


class TraitMemory:
    """Remembers learned traits. `clock` gives seconds since the epoch.

    `background` has one thread, which alone opens and uses the store: opening it takes longer than most requests.
    """

    def __init__(
        self, open_store: Callable[[], Store], *, background: Executor, clock: Callable[[], float], log: Log
    ) -> None:
        self._open_store = open_store
        self._opened: Store | None = None
        self._background = background
        self._clock = clock
        self._log = log
        self._models: dict[str, _Remembered] = {}

    def correct(self, candidate: Candidate, key_id: str) -> Traits:
        """The candidate's traits with what has been learnt of it, by this key or by everybody."""
        known = self._models.get(candidate.name)
        if known is None or not 0 <= self._clock() - known.read_at < READ_SECONDS:
            known = self._refreshed(candidate.name)
        return known.traits.traits_for(key_id, self._clock()).correct(candidate.traits)

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        """Remember what the refusal has taught this key, where that lasts, from now on."""
        if not refusal.lasts:
            return
        ends = int(self._clock()) + KEEP_SECONDS
        traits = records_of(refusal.learned, key_id, ends=ends, is_certain=refusal.is_certain)
        known = self._models.get(candidate.name)
        # A new object: a read that is under way knows nothing of these yet, and writes into the old one.
        self._remember(candidate.name, (known.traits if known else TraitRecords()).learn(traits))
        self._log("learnt", {"model": candidate.name, "traits": LearnedTraits().learn(refusal.learned).attributes()})
        self._background.submit(self._write, candidate.name, key_id, traits)

    def _refreshed(self, model: str) -> _Remembered:
        """What is known, after the store has been asked; its answer is taken now or whenever it comes."""
        before = self._models.get(model)
        known = self._remember(model, before.traits if before else TraitRecords())
        reading = self._background.submit(self._read, model, known)
        with suppress(NotYetError):
            reading.result(PATIENCE_SECONDS)
        return known

    def _remember(self, model: str, traits: TraitRecords) -> _Remembered:
        if len(self._models) >= _CACHE_SIZE:
            self._models.clear()
        self._models[model] = _Remembered(traits, self._clock())
        return self._models[model]

    def _read(self, model: str, known: _Remembered) -> None:
        try:
            known.traits = self._table().of(model)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)

    def _write(self, model: str, key_id: str, traits: Sequence[TraitRecord]) -> None:
        try:
            self._table().add(model, key_id, traits)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)

    def _table(self) -> TraitTable:
        return TraitTable(self._store(), clock=self._clock)

    def _store(self) -> Store:
        if self._opened is None:
            self._opened = self._open_store()
        return self._opened

    def _failed(self, error: Exception) -> None:
        self._log("traits not stored", {"error": type(error).__name__})


def open_memory(settings: Settings, *, clock: Callable[[], float], log: Log) -> TraitMemory:
    """The memory of a function that starts: nothing is opened yet, so that the process may fork."""
    background = ThreadPoolExecutor(max_workers=1)
    return TraitMemory(partial(open_store, settings.store, clock=clock), background=background, clock=clock, log=log)
