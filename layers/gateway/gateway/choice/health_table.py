"""Opened circuits in the store, `HEALTH#<provider>` / `<key>#<model>`: written on change, for all environments."""

from collections.abc import Callable, Mapping

from gateway.choice.circuit import Circuit
from gateway.choice.places import RULES, Place
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

_LONGEST = 3600
"""Seconds. No circuit stays open for longer, whatever an item says."""


class HealthTable:
    """`clock` gives seconds since the epoch."""

    def __init__(self, store: Store, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def of(self, provider: str) -> Mapping[Place, Circuit]:
        """The opened circuits of a provider, in one round trip."""
        read = (self._read(provider, item) for item in await self._store.query(ItemType.HEALTH.prefix + provider))
        return {found[0]: found[1] for found in read if found is not None}

    async def write(self, place: Place, circuit: Circuit) -> None:
        """Keep an opened circuit, or forget a closed one. Where others are quicker, theirs stands."""
        partition, sort_key = ItemType.HEALTH.prefix + place.provider, f"{place.key}#{place.model}"
        if not circuit.open_until:
            await self._store.delete(partition, sort_key)
            return
        stored = await self._store.get(partition, sort_key)
        attributes = {
            "open_until": int(circuit.open_until),
            "pause": int(circuit.pause),
            "reason": circuit.reason,
        }
        version = stored.version if stored else None
        # It outlives the pause: who begins anew meanwhile knows that the next failure opens the circuit for longer.
        ends = int(circuit.open_until + circuit.pause) + 60
        try:
            await self._store.put(
                Item(partition, sort_key, ItemType.HEALTH, attributes, (version or 0) + 1, ends), replaces=version
            )
        except ConflictError:
            return

    def _read(self, provider: str, item: Item) -> tuple[Place, Circuit] | None:
        """None for what has ended, or is not what this release writes."""
        key, slash, model = item.sk.partition("#")
        open_until, pause = item.attributes.get("open_until"), item.attributes.get("pause")
        reason = next((each for each in RULES if each == item.attributes.get("reason")), None)
        now = self._clock()
        if not (slash and reason and type(open_until) is int and type(pause) is int and pause >= 0):
            return None
        if item.ttl is None or item.ttl <= now or open_until > now + _LONGEST:
            return None
        return Place(provider, model, key), Circuit(open_until=open_until, pause=pause, reason=reason, at=now)
