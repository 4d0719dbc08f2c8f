"""Takes what a key may ask for from one item of its own, by a conditional write that asks and takes at once.

What was seen of the item last is remembered: where it is old, the conditions of the write say so.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from translator.anthropic.errors import ApiError, Fault

from gateway.access.key_records import KeyRecord
from gateway.storage.protocol import Change, Item, ItemType, Store, UnmetError
from gateway.web.failures import never_failing
from gateway.web.summary import Log

TURNS: Final = 20
"""Of one write, where others of the same key have written before it."""
_REMEMBERED: Final = 1024

Taking = Callable[[Mapping[str, Any]], Change]
"""The change that takes, if the item's attributes are as they were seen. Raises `ApiError` where nothing is left."""


class Taker:
    """Takes from the items of this sort key, one for each key."""

    def __init__(self, open_store: Callable[[], Awaitable[Store]], *, sort_key: str, log: Log) -> None:
        self._open_store = open_store
        self._sort_key = sort_key
        self._log = never_failing(log)
        self._seen: dict[str, Mapping[str, Any]] = {}

    def place(self, key: KeyRecord) -> dict[str, Any]:
        """Where the key's item lies, as a `Change` says it."""
        return {"pk": f"{ItemType.BUDGET.prefix}key/{key.id}", "sk": self._sort_key, "type": ItemType.BUDGET}

    async def take(self, key: KeyRecord, taking: Taking, *, mark: str | None = None) -> None:
        """Make the change. `mark` is an attribute that only this change writes: where it is seen, it was made.

        Raises what `taking` raises, `api_error` where the store does not answer, and `overloaded_error` where others
        always come first.
        """
        try:
            store, is_fresh = await self._open_store(), False
            for _ in range(TURNS):
                try:
                    change = taking(self._seen.get(key.id, {}))
                except ApiError:
                    if is_fresh:
                        raise
                    # What is known may be old: others give back what they have taken.
                    self._remember(key, await store.get(self.place(key)["pk"], self._sort_key))
                    is_fresh = True
                    continue
                try:
                    item: Item | None = await store.change(change)
                except UnmetError as unmet:
                    item = unmet.found
                    if mark is not None and item is not None and mark in item.attributes:
                        return  # it was written, and the answer lost
                else:
                    self._remember(key, item)
                    return
                self._remember(key, item)
                is_fresh = True
        except ApiError:
            raise
        except Exception as error:
            self._log("rate not readable", {"error": type(error).__name__})
            raise ApiError(
                "api_error", "the limits of this key cannot be checked just now", fault=Fault.GATEWAY
            ) from error
        raise ApiError("overloaded_error", "too many requests of this key at the same moment", fault=Fault.GATEWAY)

    def _remember(self, key: KeyRecord, item: Item | None) -> None:
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[key.id] = item.attributes if item else {}
