"""Keeps opened breakers in the store, `HEALTH#<provider>` / `<key>#<model>`, for all environments."""

from collections.abc import Callable, Mapping
from typing import cast, get_args

from gateway.choice.circuit import Circuit
from gateway.choice.places import Place
from gateway.storage.overwrite import overwrite
from gateway.storage.protocol import Item, ItemType, Store
from gateway.web.outcomes import Outcome

KNOWN: tuple[Outcome, ...] = get_args(Outcome)
_LONGEST = 3600
"""Seconds. No circuit stays open for longer, whatever an item says."""


class HealthTable:
    """Reads and writes circuits. `clock` gives seconds since the epoch."""

    def __init__(self, store: Store, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def of(self, provider: str) -> Mapping[Place, Circuit]:
        """Return the circuits of a provider that have changed lately, in one round trip."""
        read = (self._read(provider, item) for item in await self._store.query(ItemType.HEALTH.prefix + provider))
        return {found[0]: found[1] for found in read if found is not None}

    async def write(self, place: Place, circuit: Circuit) -> None:
        """Store the state of a circuit. Where another environment writes first, its state stays."""
        partition, sort_key = ItemType.HEALTH.prefix + place.provider, f"{place.key}#{place.model}"
        attributes = {
            "open_until": int(circuit.open_until),
            "pause": int(circuit.pause),
            "reason": circuit.reason,
            "changed": int(circuit.at),
        }
        # It outlives the pause: who begins anew meanwhile knows that the next failure opens the circuit for longer.
        ends = int(max(circuit.open_until, self._clock()) + circuit.pause) + 60
        await overwrite(self._store, Item(partition, sort_key, ItemType.HEALTH, attributes, ttl=ends))

    def _read(self, provider: str, item: Item) -> tuple[Place, Circuit] | None:
        """Read one item; None where it is too old, or in a form of another release."""
        key, slash, model = item.sk.partition("#")
        numbers = [item.attributes.get(name) for name in ("open_until", "pause", "changed")]
        reason = next((each for each in KNOWN if each == item.attributes.get("reason")), None)
        now = self._clock()
        if not slash or reason is None or item.ttl is None or item.ttl <= now:
            return None
        if any(type(number) is not int or not 0 <= number <= now + _LONGEST for number in numbers):
            return None
        open_until, pause, changed = cast("list[int]", numbers)
        return Place(provider, model, key), Circuit(open_until=open_until, pause=pause, reason=reason, at=changed)
