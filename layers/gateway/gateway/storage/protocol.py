"""The store: items under a partition and a sort key, with a version for conditional writes (docs/decisions, 5)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class ItemType(StrEnum):
    """What an item is. The items of a type lie under partition keys that begin with its prefix, and no others do."""

    KEY = "key"
    TRAITS = "traits"
    OWNER = "owner"
    POOL = "pool"
    BUDGET = "budget"
    USAGE = "usage"
    HEALTH = "health"
    CACHE = "cache"
    AUDIT = "audit"

    @property
    def prefix(self) -> str:
        """What the partition keys of its items begin with."""
        return f"{self.name}#"

    @classmethod
    def of_stored(cls, pk: str, sk: str, written: object) -> "ItemType | None":
        """The type of a stored item, of which `written` is noted as its type.

        None where it is a later release's, or lies under the prefix of another type: such an item is not for us.
        Until December 2026 types were not written, and of what was kept then, keys are still wanted.
        """
        if written is None:
            return cls.KEY if pk.startswith(cls.KEY.prefix) and sk == "META" else None
        return next((known for known in cls if known == written and pk.startswith(known.prefix)), None)


@dataclass(frozen=True, slots=True)
class Item:
    """One item. Attributes are text, integers, booleans, lists of text, or None; money is in micro-dollars."""

    pk: str
    sk: str
    type: ItemType
    attributes: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    """0 where none is stored that can be read."""
    ttl: int | None = None
    """Seconds since the epoch after which the item may vanish; readers check it themselves, since stores are late."""

    def __post_init__(self) -> None:
        """Hold the type to its prefix."""
        if not self.pk.startswith(self.type.prefix):
            raise ValueError(f"the partition key of a {self.type} item begins with {self.type.prefix}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A write of some attributes of one item, which need not exist, where all conditions hold; the rest stays."""

    pk: str
    sk: str
    type: ItemType
    put: Mapping[str, Any] = field(default_factory=dict)
    """What gets a value, whatever it had."""
    add: Mapping[str, int] = field(default_factory=dict)
    """What is added to numbers; what is missing counts as 0."""
    remove: Collection[str] = ()
    equal: Mapping[str, Any] = field(default_factory=dict)
    """Condition: these attributes have these values; None: they are missing."""
    unequal: Mapping[str, Any] = field(default_factory=dict)
    """Condition: these attributes have other values, or are missing."""
    at_most: Mapping[str, int] = field(default_factory=dict)
    """Condition: these numbers are no greater; what is missing counts as 0."""
    present: Collection[str] = ()
    """Condition: these attributes are there."""
    ttl: int | None = None
    """None leaves the end of the item as it is."""

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Whether the conditions hold for the attributes of an item, of which a missing one has none."""
        return (
            all(attributes.get(name) == value for name, value in self.equal.items())
            and all(name not in attributes or attributes[name] != value for name, value in self.unequal.items())
            and all(attributes.get(name, 0) <= most for name, most in self.at_most.items())
            and all(name in attributes for name in self.present)
        )

    def applied(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes after the write."""
        kept = {name: value for name, value in attributes.items() if name not in self.remove}
        sums = {name: attributes.get(name, 0) + number for name, number in self.add.items()}
        return {**kept, **self.put, **sums}


class ConflictError(Exception):
    """The item is not as the writer thought: it exists already, or another has changed it."""


class UnmetError(ConflictError):
    """A condition of a change does not hold for what is stored."""

    def __init__(self, change: Change, found: "Item | None") -> None:
        super().__init__(f"a condition does not hold for {change.pk} {change.sk}")
        self.found = found
        """The item as it stood then; None where there is none."""


class StoreError(Exception):
    """The store cannot be used; the message says which, why, and what to do if something can be done."""


class Store(Protocol):
    """What both stores can do. Each call is one round trip.

    Items of types that this release does not know are not found, but they are in the way of a new item.
    """

    async def get(self, pk: str, sk: str) -> Item | None:
        """The item, if there is one."""

    async def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces` (None: where there is none). Raises `ConflictError`.

        A write whose answer is lost on its way, and which is sent again, conflicts with others only. Where another has
        been written on top of it meanwhile, it is a conflict although it was stored.
        """

    async def change(self, change: Change) -> Item:
        """Write a part of an item; the item after it. Raises `UnmetError` where a condition does not hold.

        A change that is sent again after its answer was lost is made twice, unless its conditions forbid it.
        """

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """The items of a partition whose sort key begins so, in the order of the sort key."""

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        """Every item of this type, in the order of the keys: for operators, not for requests."""

    async def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""

    def close(self) -> None:
        """Let go of connections."""
