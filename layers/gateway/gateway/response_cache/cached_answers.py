"""Keeps answers in the store, `CACHE#<key id>#<digest>`: the one place where answers are stored.

Beside an answer lies the lease of who is asking for it, so that of all processes one does.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gateway.storage.overwrite import overwrite
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

META = "META"
LEASE = "LEASE"
LEASE_SECONDS = 60
"""After which another may ask too: whoever has the lease may be gone."""
MOST_CHARACTERS = 300_000
"""Of an answer as it is stored; DynamoDB's items hold 400 KB."""


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A message, and what the caller had lost by the one who gave it."""

    message: dict[str, Any]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to ask for an answer, of one process at a time."""

    partition: str
    version: int


class CachedAnswers:
    """`clock` gives seconds since the epoch."""

    def __init__(self, store: Store, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def get(self, key_id: str, digest: str) -> CachedAnswer | None:
        """The answer that is kept for this key, until its time ends."""
        item = await self._store.get(_partition(key_id, digest), META)
        if item is None or item.ttl is None or item.ttl <= self._clock():
            return None
        try:
            read = json.loads(zlib.decompress(b64decode(item.attributes["answer"])))
            return CachedAnswer(read["message"], tuple(read["dropped"]))
        except (LookupError, TypeError, ValueError, zlib.error):
            return None  # another release has written it

    async def put(self, key_id: str, digest: str, answer: CachedAnswer, *, seconds: int) -> None:
        """Keep an answer, unless it is too large. Where another is quicker, that one's stays."""
        text = json.dumps({"message": answer.message, "dropped": answer.dropped}).encode()
        packed = b64encode(zlib.compress(text)).decode()
        if len(packed) > MOST_CHARACTERS:
            return
        partition, ends = _partition(key_id, digest), int(self._clock()) + seconds
        await overwrite(self._store, Item(partition, META, ItemType.CACHE, {"answer": packed}, ttl=ends))

    async def lease(self, key_id: str, digest: str) -> Lease | None:
        """The right to ask for an answer; None while another process has it."""
        partition, now = _partition(key_id, digest), self._clock()
        stored = await self._store.get(partition, LEASE)
        if stored is not None and stored.ttl is not None and stored.ttl > now:
            return None
        version = stored.version if stored else 0
        item = Item(partition, LEASE, ItemType.CACHE, version=version + 1, ttl=int(now) + LEASE_SECONDS)
        try:
            await self._store.put(item, replaces=version or None)
        except ConflictError:
            return None
        return Lease(partition, item.version)

    async def release(self, lease: Lease) -> None:
        """Give the right back, unless it has gone to another meanwhile."""
        item = Item(lease.partition, LEASE, ItemType.CACHE, version=lease.version + 1, ttl=int(self._clock()))
        with suppress(ConflictError):
            await self._store.put(item, replaces=lease.version)

    async def forget(self, key_id: str) -> None:
        """Remove what is kept for a key: for operators, since it reads everything."""
        for item in await self._store.scan(ItemType.CACHE):
            if item.pk.startswith(_partition(key_id, "")):
                await self._store.delete(item.pk, item.sk)


def _partition(key_id: str, digest: str) -> str:
    return f"{ItemType.CACHE.prefix}{key_id}#{digest}"
