"""Keeps answers in the store, `CACHE#<key id>#<digest>`: the one place where answers are stored.

Those above what an item holds lie in a bucket, `<key id>/<digest>`, where there is one; the item then says so.
Beside an answer lies the lease of who is asking for it, so that of all processes one does.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.storage.overwrite import overwrite
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

META = "META"
LEASE = "LEASE"
LEASE_SECONDS = 60
"""After which another may ask too: whoever has the lease may be gone."""
MOST_CHARACTERS = 300_000
"""Of an answer as it is stored in an item; DynamoDB's hold 400 KB."""
MOST_BYTES = 10_000_000
"""Of an answer in the bucket, compressed."""


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


class Objects(Protocol):
    """Bytes under names."""

    async def get(self, name: str) -> bytes | None:
        """What is kept under the name, if anything."""

    async def put(self, name: str, body: bytes) -> None:
        """Keep it."""

    async def forget(self, prefix: str) -> None:
        """Remove everything whose name begins so."""


class CachedAnswers:
    """`clock` gives seconds since the epoch, `large` the place for what no item holds; None: it is not kept."""

    def __init__(
        self, store: Store, *, clock: Callable[[], float], large: Callable[[], Awaitable[Objects]] | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._large = large

    async def get(self, key_id: str, digest: str) -> CachedAnswer | None:
        """The answer that is kept for this key, until its time ends."""
        item = await self._store.get(_partition(key_id, digest), META)
        if item is None or item.ttl is None or item.ttl <= self._clock():
            return None
        packed = await self._large_answer(key_id, digest) if item.attributes.get("is_large") else None
        try:
            read = json.loads(zlib.decompress(packed or b64decode(item.attributes["answer"])))
            return CachedAnswer(read["message"], tuple(read["dropped"]))
        except (LookupError, TypeError, ValueError, zlib.error):
            return None  # another release has written it

    async def put(self, key_id: str, digest: str, answer: CachedAnswer, *, seconds: int) -> None:
        """Keep an answer, unless it is too large. Where another is quicker, that one's stays."""
        text = json.dumps({"message": answer.message, "dropped": answer.dropped}).encode()
        packed = zlib.compress(text)
        attributes: dict[str, Any] = {"answer": b64encode(packed).decode()}
        if len(attributes["answer"]) > MOST_CHARACTERS:
            if self._large is None or len(packed) > MOST_BYTES:
                return
            await (await self._large()).put(_name(key_id, digest), packed)
            attributes = {"is_large": True}
        partition, ends = _partition(key_id, digest), int(self._clock()) + seconds
        await overwrite(self._store, Item(partition, META, ItemType.CACHE, attributes, ttl=ends))

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
        if self._large is not None:
            await (await self._large()).forget(_name(key_id, ""))
        for item in await self._store.scan(ItemType.CACHE):
            if item.pk.startswith(_partition(key_id, "")):
                await self._store.delete(item.pk, item.sk)

    async def _large_answer(self, key_id: str, digest: str) -> bytes | None:
        """None where there is none any more: the bucket forgets in days, whatever the item says."""
        return None if self._large is None else await (await self._large()).get(_name(key_id, digest))


def _name(key_id: str, digest: str) -> str:
    """In the bucket: a key's id holds no slash, so that no key's names begin with another's."""
    return f"{key_id}/{digest}"


def _partition(key_id: str, digest: str) -> str:
    return f"{ItemType.CACHE.prefix}{key_id}#{digest}"
