"""The budgets that several keys share: those of an owner and those of a pool."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from gateway.access.limits import WINDOWS, Limits
from gateway.storage.protocol import Item, ItemType, Store

HolderKind = Literal["owner", "pool"]
_TYPES: Mapping[HolderKind, ItemType] = {"owner": ItemType.OWNER, "pool": ItemType.POOL}
_META = "META"


class SharedBudget(NamedTuple):
    """One of them, with its holder's name."""

    name: str
    limits: Limits


class SharedBudgets:
    """Those in a store, of one kind of holder."""

    def __init__(self, store: Store, kind: HolderKind) -> None:
        self._store = store
        self._type = _TYPES[kind]
        self.kind: HolderKind = kind

    async def find(self, name: str) -> Limits | None:
        """The limits of this holder; None where nothing is known of one."""
        item = await self._item(name)
        return _limits(item) if item else None

    async def all(self) -> list[SharedBudget]:
        """Every one, by name."""
        items = await self._store.scan(self._type)
        return [SharedBudget(item.pk.removeprefix(self._type.prefix), _limits(item)) for item in items]

    async def change(self, name: str, changes: Mapping[str, int | None]) -> Limits:
        """Change some limits, by window, or none of them. Raises `ConflictError` where another changes them."""
        item = await self._item(name)
        attributes = {**(item.attributes if item else {}), **changes}
        version = item.version if item else None
        changed = Item(self._type.prefix + name, _META, self._type, attributes, (version or 0) + 1)
        await self._store.put(changed, replaces=version)
        return _limits(changed)

    async def forget(self, name: str) -> None:
        """Remove what is known of a holder."""
        await self._store.delete(self._type.prefix + name, _META)

    async def _item(self, name: str) -> Item | None:
        return await self._store.get(self._type.prefix + name, _META)


def limits_as_facts(kind: HolderKind, limits: Limits) -> dict[str, int | None]:
    """As they stand in each key of the holder's."""
    return {f"{kind}_budget_{window}": getattr(limits, window) for window in WINDOWS}


def _limits(item: Item) -> Limits:
    """What is written wrongly holds nothing: it must not pass for no limit."""
    written = {window: item.attributes.get(window) for window in WINDOWS}
    return Limits(
        **{window: 0 if value is not None and type(value) is not int else value for window, value in written.items()}
    )
