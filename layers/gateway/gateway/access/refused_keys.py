"""Logs which addresses were refused, and how often: as a hash, which whoever reads the log cannot turn back.

Addresses are few enough to be tried one by one, so the hash has a secret. The operator's commands keep it in the store,
for all processes of a gateway; a process that cannot read it has one of its own.
"""

import hmac
import secrets
from collections import Counter
from typing import Final

from translator.anthropic.errors import ApiError

from gateway.storage.protocol import Item, ItemType, Store
from gateway.web.failures import never_failing
from gateway.web.summary import Log

SECRET_PLACE: Final = (f"{ItemType.AUDIT.prefix}addresses", "META")
"""Where the secret lies in the store."""
_MOST_ADDRESSES: Final = 1024
"""That are counted; then counting begins anew."""
_DIGITS: Final = 16


class RefusedKeys:
    """Tells the first refusal of an address for a reason, the second, the fourth, the eighth: a flood fills no log."""

    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self._log = never_failing(log)
        self._secret: bytes | None = None
        self._counts: Counter[tuple[str, str]] = Counter()

    async def note(self, address: str, refusal: ApiError) -> None:
        """Note that a key from this address was refused. Never raises: the caller is refused in any case."""
        if len(self._counts) >= _MOST_ADDRESSES:
            self._counts.clear()
        self._counts[address, refusal.message] += 1
        count = self._counts[address, refusal.message]
        if count & (count - 1):
            return
        if self._secret is None:
            self._secret = await self._kept_secret()
        hashed = hmac.digest(self._secret, address.encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGITS]
        self._log("key refused", {"level": "WARNING", "address": hashed, "reason": refusal.message, "times": count})

    async def _kept_secret(self) -> bytes:
        try:
            item = await self._store.get(*SECRET_PLACE)
            return bytes.fromhex(item.attributes["secret"]) if item else secrets.token_bytes()
        except Exception:  # noqa: BLE001 whatever the store has, or does not give
            return secrets.token_bytes()


def new_secret() -> Item:
    """A secret, as it is kept."""
    return Item(*SECRET_PLACE, ItemType.AUDIT, {"secret": secrets.token_hex()})
