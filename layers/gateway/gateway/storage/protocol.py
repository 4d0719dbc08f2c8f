"""The store: items under a partition and a sort key, with a version for conditional writes (docs/decisions, 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class ItemType(StrEnum):
    """What an item is. The items of a type lie under partition keys that begin with its prefix, and no others do."""

    KEY = "key"
    TRAITS = "traits"
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


class ConflictError(Exception):
    """The item is not as the writer thought: it exists already, or another has changed it."""


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

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """The items of a partition whose sort key begins so, in the order of the sort key."""

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        """Every item of this type, in the order of the keys: for operators, not for requests."""

    async def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""

    def close(self) -> None:
        """Let go of connections."""
