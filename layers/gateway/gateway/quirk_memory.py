"""What upstreams have taught by refusing, kept for the next request: in memory, and in the store for everybody.

An item is written when something is learnt and read at most every `READ_SECONDS`. The store is never waited for longer
than `PATIENCE_SECONDS`, and where it fails the request goes on without it: what it would have told costs one refusal.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from translator.quirks import Quirk, Quirks, read_quirks
from translator.traits import Traits

from gateway.routing import Candidate
from gateway.settings import Settings
from gateway.store import ConflictError, Item, ItemType, Store
from gateway.stores import open_store
from gateway.summary import Log

META = "META"
READ_SECONDS = 10.0
PATIENCE_SECONDS = 0.05
"""A warm read takes a fifth of it; a cold one is not worth waiting for."""
KEEP_SECONDS = 24 * 3600
"""Upstreams change: after a day they may refuse once more."""
_CACHE_SIZE = 1024


@dataclass(slots=True, eq=False)
class _Remembered:
    """The quirks of one model as this environment knows them."""

    quirks: Quirks
    read_at: float


class QuirkMemory:
    """Remembers quirks. `clock` gives seconds since the epoch.

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

    def correct(self, candidate: Candidate) -> Traits:
        """The candidate's traits with what has been learnt of it."""
        partition = _partition(candidate)
        known = self._models.get(partition)
        if known is None or not 0 <= self._clock() - known.read_at < READ_SECONDS:
            known = self._refreshed(partition)
        return known.quirks.correct(candidate.traits)

    def learn(self, candidate: Candidate, quirks: tuple[Quirk, ...]) -> None:
        """Remember these quirks too, from now on."""
        if not quirks:
            return
        partition = _partition(candidate)
        known = self._models.get(partition)
        # A new object: a read that is under way knows nothing of these yet, and writes into the old one.
        self._remember(partition, (known.quirks if known else Quirks()).learn(quirks))
        self._log("learnt", {"model": candidate.name, "quirks": Quirks().learn(quirks).attributes()})
        self._background.submit(self._write, partition, quirks)

    def _refreshed(self, partition: str) -> _Remembered:
        """What is known, after the store has been asked; its answer is taken now or whenever it comes."""
        before = self._models.get(partition)
        known = self._remember(partition, before.quirks if before else Quirks())
        reading = self._background.submit(self._read, partition, known)
        with suppress(NotYetError):
            reading.result(PATIENCE_SECONDS)
        return known

    def _remember(self, partition: str, quirks: Quirks) -> _Remembered:
        if len(self._models) >= _CACHE_SIZE:
            self._models.clear()
        self._models[partition] = _Remembered(quirks, self._clock())
        return self._models[partition]

    def _read(self, partition: str, known: _Remembered) -> None:
        try:
            item = self._store().get(partition, META)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)
        else:
            known.quirks = self._quirks_of(item)

    def _write(self, partition: str, quirks: tuple[Quirk, ...]) -> None:
        """Add them to the item. Where another environment is quicker, once more on top of what it has written."""
        try:
            try:
                self._put(partition, quirks)
            except ConflictError:
                self._put(partition, quirks)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)

    def _put(self, partition: str, quirks: tuple[Quirk, ...]) -> None:
        stored = self._store().get(partition, META)
        attributes = self._quirks_of(stored).learn(quirks).attributes()
        version = stored.version if stored else 0
        ttl = int(self._clock()) + KEEP_SECONDS
        item = Item(partition, META, ItemType.TRAITS, attributes, version + 1, ttl)
        self._store().put(item, replaces=version or None)

    def _quirks_of(self, item: Item | None) -> Quirks:
        has_expired = item is not None and item.ttl is not None and item.ttl <= self._clock()
        return Quirks() if item is None or has_expired else read_quirks(item.attributes)

    def _store(self) -> Store:
        if self._opened is None:
            self._opened = self._open_store()
        return self._opened

    def _failed(self, error: Exception) -> None:
        self._log("quirks not stored", {"error": type(error).__name__})


def open_memory(settings: Settings, *, clock: Callable[[], float], log: Log) -> QuirkMemory:
    """The memory of a function that starts: nothing is opened yet, so that the process may fork."""
    background = ThreadPoolExecutor(max_workers=1)
    return QuirkMemory(partial(open_store, settings.store, clock=clock), background=background, clock=clock, log=log)


def _partition(candidate: Candidate) -> str:
    return f"{ItemType.TRAITS.prefix}{candidate.provider.id}#{candidate.model}"
