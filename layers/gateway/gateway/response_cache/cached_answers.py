"""Kept answers in the store, `CACHE#<key id>#<digest>`: the one place where answers are stored."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.storage.overwrite import overwrite
from gateway.storage.protocol import Item, ItemType, Store

META = "META"
MOST_CHARACTERS = 300_000
"""Of an answer as it is stored; DynamoDB's items hold 400 KB."""


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A message, and what the caller had lost by the one who gave it."""

    message: dict[str, Any]
    dropped: tuple[str, ...] = ()


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

    async def forget(self, key_id: str) -> None:
        """Remove what is kept for a key: for operators, since it reads everything."""
        for item in await self._store.scan(ItemType.CACHE):
            if item.pk.startswith(_partition(key_id, "")):
                await self._store.delete(item.pk, item.sk)


def _partition(key_id: str, digest: str) -> str:
    return f"{ItemType.CACHE.prefix}{key_id}#{digest}"
