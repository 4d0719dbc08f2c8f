"""The store: items under a partition and a sort key, with a version for conditional writes (docs/decisions, 5)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class ItemType(StrEnum):
    """The type of an item. Each type has a prefix, and the partition keys of its items begin with it."""

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
        """The beginning of its items' partition keys."""
        return f"{self.name}#"

    @classmethod
    def of_stored(cls, pk: str, sk: str, written: object) -> "ItemType | None":
        """Return the type of a stored item, whose attribute says `written`.

        None for a type of a later release, and for one under another type's prefix: such an item is not for us. Until
        December 2026 types were not written. Keys that were kept then are still read.
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
    """The version; 0 where no readable item is stored."""
    ttl: int | None = None
    """Seconds since the epoch after which the item may vanish. Stores remove it late, so readers check the time too."""

    def __post_init__(self) -> None:
        """Check that the partition key begins with the type's prefix."""
        if not self.pk.startswith(self.type.prefix):
            raise ValueError(f"the partition key of a {self.type} item begins with {self.type.prefix}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A write of some attributes of one item, where all conditions hold. The other attributes stay.

    The item need not exist.
    """

    pk: str
    sk: str
    type: ItemType
    put: Mapping[str, Any] = field(default_factory=dict)
    """Attributes that get a value."""
    add: Mapping[str, int] = field(default_factory=dict)
    """Numbers that are added; a missing attribute counts as 0."""
    remove: Collection[str] = ()
    equal: Mapping[str, Any] = field(default_factory=dict)
    """Condition: these attributes have these values. None: the attribute is missing."""
    unequal: Mapping[str, Any] = field(default_factory=dict)
    """Condition: these attributes have other values, or are missing."""
    at_most: Mapping[str, int] = field(default_factory=dict)
    """Condition: these numbers are no greater. A missing attribute counts as 0."""
    present: Collection[str] = ()
    """Condition: these attributes exist."""
    ttl: int | None = None
    """The new expiry, in seconds since the epoch; None leaves it unchanged."""

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Tell whether the conditions hold for the attributes of an item. A missing item has no attributes."""
        return (
            all(attributes.get(name) == value for name, value in self.equal.items())
            and all(name not in attributes or attributes[name] != value for name, value in self.unequal.items())
            and all(attributes.get(name, 0) <= most for name, most in self.at_most.items())
            and all(name in attributes for name in self.present)
        )

    def applied(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes after the write."""
        kept = {name: value for name, value in attributes.items() if name not in self.remove}
        sums = {name: attributes.get(name, 0) + number for name, number in self.add.items()}
        return {**kept, **self.put, **sums}


class ConflictError(Exception):
    """The item has changed meanwhile: it exists already, or another writer has changed it."""


class UnmetError(ConflictError):
    """A condition of a change does not hold for the stored item."""

    def __init__(self, change: Change, found: "Item | None") -> None:
        super().__init__(f"a condition does not hold for {change.pk} {change.sk}")
        self.found = found
        """The stored item; None where there is none."""


class StoreError(Exception):
    """The store cannot be used. The message says which one, why, and what to do if something can be done."""


class Store(Protocol):
    """The methods of both stores. Each call is one round trip.

    A read does not find items of a type that this release does not know. A write to such a place is a conflict.
    """

    async def get(self, pk: str, sk: str) -> Item | None:
        """Return the item; None where there is none."""

    async def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces` (None: where there is none). Raises `ConflictError`.

        A write may be sent again when its answer is lost. It then conflicts only with other writers: if one of them
        has written meanwhile, the error is a conflict although the first write was stored.
        """

    async def change(self, change: Change) -> Item:
        """Write a part of an item, and return the whole item. Raises `UnmetError` where a condition does not hold.

        A change that is sent again after a lost answer is applied twice, unless its conditions forbid it.
        """

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """Return the items of a partition whose sort key begins with `sk_prefix`, in the order of the sort key."""

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        """Return every item of this type, in the order of the keys. For operators' commands, not for requests."""

    async def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""

    def close(self) -> None:
        """Close the connections."""
