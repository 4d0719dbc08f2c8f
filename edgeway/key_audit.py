"""Records what is done to keys, in the store beside them."""

from __future__ import annotations

import getpass
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from secrets import token_hex
from typing import Any, Final

from gateway.access.key_records import KeyRecord, KeyRegistry
from gateway.access.keys import hash_key
from gateway.access.refused_keys import SECRET_PLACE, new_secret
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

KEPT_SECONDS: Final = 400 * 86_400
"""A year, and a month for who audits it."""
_ACT: Final = "ACT#"


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a key. `at` is in seconds since the epoch."""

    at: int
    by: str
    act: str
    key_id: str
    key_name: str
    facts: tuple[str, ...]
    """The facts that were set, as `fact=value`."""


class AuditedKeys(KeyRegistry):
    """The keys in a store, with a record of every change. `by` is the name of the operator."""

    def __init__(self, store: Store, *, clock: Callable[[], float], by: str) -> None:
        super().__init__(store, clock=clock)
        self._by = by

    async def register(self, key: str, name: str, **facts: Any) -> KeyRecord:
        """Store a key by its hash. Raises `ConflictError` where it is registered already."""
        with suppress(ConflictError):
            if await self._store.get(*SECRET_PLACE) is None:
                await self._store.put(new_secret(), replaces=None)
        record = await super().register(key, name, **facts)
        try:
            await self._store.put(self._item("created", record, facts), replaces=None)
        except BaseException:  # no key without a record of who made it
            await super().forget(hash_key(key))
            raise
        return record

    async def change(self, key_hash: str, **facts: Any) -> KeyRecord:
        """Change facts of a key. Raises `ConflictError` where another is changing it, or has removed it."""
        async with self._recorded("revoked" if facts.get("status") == "revoked" else "changed", key_hash, facts):
            return await super().change(key_hash, **facts)

    async def revoke(self, name_or_id: str) -> KeyRecord | None:
        """Revoke the key with this id or name, readable or not; None where there is none."""
        found = await self.one(name_or_id)
        if found is None or found.record.status == "revoked":
            return found and found.record
        async with self._recorded("revoked", found.key_hash, {}):
            return await super().revoke(found.record.id)

    async def forget(self, key_hash: str) -> None:
        """Remove what is stored of a key, if anything is."""
        async with self._recorded("removed", key_hash, {}):
            await super().forget(key_hash)

    async def acts(self) -> Sequence[Act]:
        """Return the acts, the newest last. Unreadable ones are left out."""
        items = [item for item in await self._store.scan(ItemType.AUDIT) if item.sk.startswith(_ACT)]
        return [act for item in sorted(items, key=lambda item: item.sk) if (act := _act(item))]

    @asynccontextmanager
    async def _recorded(self, act: str, key_hash: str, facts: dict[str, Any]) -> AsyncIterator[None]:
        """Write the record before the act, so that no act goes unrecorded. Where the act fails, remove the record."""
        record = await self.find(key_hash)
        if record is None:
            yield
            return
        item = self._item(act, record, facts)
        await self._store.put(item, replaces=None)
        try:
            yield
        except BaseException:
            await self._store.delete(item.pk, item.sk)
            raise

    def _item(self, act: str, record: KeyRecord, facts: dict[str, Any]) -> Item:
        exact = self._clock()
        now = int(exact)
        said = tuple(f"{name}={_shown(value)}" for name, value in sorted(facts.items()))
        attributes = asdict(Act(now, self._by, act, record.id, record.name, said))
        month = time.strftime("%Y-%m", time.gmtime(now))
        return Item(
            f"{ItemType.AUDIT.prefix}{month}",
            f"{_ACT}{int(exact * 1_000_000):018d}#{token_hex(4)}",
            ItemType.AUDIT,
            {**attributes, "facts": list(said)},
            ttl=now + KEPT_SECONDS,
        )


def login_name() -> str:
    """Return the login name, as far as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"


def _act(item: Item) -> Act | None:
    at, facts = item.attributes.get("at"), item.attributes.get("facts")
    by, act, key_id, key_name = (str(item.attributes.get(name, "")) for name in ("by", "act", "key_id", "key_name"))
    if type(at) is not int or not isinstance(facts, list):
        return None
    return Act(at, by, act, key_id, key_name, tuple(map(str, facts)))


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
