"""The store: items under a partition and a sort key, with a version for conditional writes (docs/decisions, 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Item:
    """One item. Attributes are text, integers, booleans, lists of text, or None; money is in micro-dollars."""

    pk: str
    sk: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    ttl: int | None = None
    """Seconds since the epoch after which the item may vanish; readers check it themselves, since stores are late."""


class ConflictError(Exception):
    """The item is not as the writer thought: it exists already, or another has changed it."""


class Store(Protocol):
    """What both stores can do. Each call is one round trip."""

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, if there is one."""

    def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces` (None: where there is none). Raises `ConflictError`.

        A write whose answer is lost on its way, and which is sent again, conflicts with others only. Where another has
        been written on top of it meanwhile, it is a conflict although it was stored.
        """

    def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """The items of a partition whose sort key begins so, in the order of the sort key."""

    def scan(self, sk: str) -> Sequence[Item]:
        """Every item with this sort key, whatever its partition: for operators, not for requests."""

    def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""

    def close(self) -> None:
        """Let go of connections."""
