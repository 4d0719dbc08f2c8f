"""Keeps learned traits in the store: an item for each model, trait and key, and one for each key.

A caller may name any model of a provider, so that a key can teach only so many of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.learning.trait_records import TraitRecord, TraitRecords, read_trait_record
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

KEEP_SECONDS = 24 * 3600
"""Upstreams change: after a day they may refuse once more."""
MOST_MODELS = 64
"""Of one key in a day. What it learns of others is not stored."""
META = "META"


class TraitTable:
    """The learned traits of all models, by `provider/model`. `clock` gives seconds since the epoch."""

    def __init__(self, store: Store, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def of(self, model: str) -> TraitRecords:
        """Return the learned traits of a model, in one round trip."""
        return self._read(await self._store.query(_partition(model)))

    async def all(self) -> Mapping[str, TraitRecords]:
        """Return all learned traits by model. For operators: it reads the whole table."""
        by_model: dict[str, list[Item]] = {}
        for item in await self._store.scan(ItemType.TRAITS):
            by_model.setdefault(_model(item), []).append(item)
        return {model: self._read(items) for model, items in by_model.items() if model}

    async def add(self, model: str, key_id: str, traits: Sequence[TraitRecord]) -> None:
        """Store the traits that the key has learned of the model. Raises `ConflictError` after two lost races."""
        try:
            await self._add(model, key_id, traits)
        except ConflictError:
            await self._add(model, key_id, traits)

    async def forget(self, *, model: str | None = None, key_id: str | None = None) -> int:
        """Remove the learned traits of this model, of this key, or of both together. Return how many they were."""
        forgotten = 0
        for item in await self._store.scan(ItemType.TRAITS):
            if model in (None, _model(item)) and key_id in (None, item.attributes.get("key")):
                await self._store.delete(item.pk, item.sk)
                forgotten += _model(item) != ""
        return forgotten

    async def _add(self, model: str, key_id: str, traits: Sequence[TraitRecord]) -> None:
        if await self._has_room(model, key_id):
            for each in traits:
                await self._put(_partition(model), _sort_key(each), each.attributes(), ends=each.ends)

    async def _has_room(self, model: str, key_id: str) -> bool:
        """Tell whether the key may teach this model. If so, count the model among those that it has taught."""
        partition = f"{ItemType.TRAITS.prefix}#{key_id}"
        stored = await self._store.get(partition, META)
        is_known = stored is not None and stored.ttl is not None and stored.ttl > self._clock()
        taught = stored.attributes.get("models") if stored and is_known else None
        models = [*taught] if isinstance(taught, list) else []
        if model not in models and len(models) < MOST_MODELS:
            models.append(model)
            ends = int(self._clock()) + KEEP_SECONDS
            await self._put(partition, META, {"key": key_id, "models": models}, ends=ends)
        return model in models

    async def _put(self, partition: str, sort_key: str, attributes: Mapping[str, Any], *, ends: int) -> None:
        stored = await self._store.get(partition, sort_key)
        version = stored.version if stored else None
        item = Item(partition, sort_key, ItemType.TRAITS, attributes, (version or 0) + 1, ends)
        await self._store.put(item, replaces=version)

    def _read(self, items: Iterable[Item]) -> TraitRecords:
        """Read the items. Those that are not traits are skipped."""
        latest = self._clock() + 2 * KEEP_SECONDS  # no two clocks differ by a day
        read = ((item, read_trait_record(item.attributes, item.ttl)) for item in items)
        return TraitRecords().learn(
            trait for item, trait in read if trait and item.sk == _sort_key(trait) and trait.ends <= latest
        )


def _partition(model: str) -> str:
    provider, _, name = model.partition("/")
    return f"{ItemType.TRAITS.prefix}{provider}#{name}"


def _model(item: Item) -> str:
    """Return the model of an item; empty for the list of models that a key has taught."""
    provider, _, name = item.pk.removeprefix(ItemType.TRAITS.prefix).partition("#")
    return f"{provider}/{name}" if provider else ""


def _sort_key(trait: TraitRecord) -> str:
    return f"{trait.name}#{trait.key_id}"
