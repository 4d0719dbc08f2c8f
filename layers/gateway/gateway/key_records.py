"""What is stored of a key, and how operators make, list and revoke keys."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from secrets import token_hex
from typing import Any, Literal, NamedTuple

from gateway.keys import hash_key, key_hint, mint_key
from gateway.store import ConflictError, Item, ItemType, Store

Role = Literal["user", "admin"]
Status = Literal["active", "revoked"]

META = "META"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """The facts of one key. Times are seconds since the epoch, budgets integer micro-dollars."""

    id: str
    name: str
    hint: str
    owner: str = ""
    role: Role = "user"
    status: Status = "active"
    plan: str = "unlimited"
    created: int
    expires: int | None = None
    allowed_models: tuple[str, ...] = ()
    """Empty: all of them."""
    budget_day: int | None = None
    budget_month: int | None = None

    def may_use(self, *names: str) -> bool:
        """Whether one of the names of a model (as asked for, as `provider/model`) is allowed."""
        return not self.allowed_models or any(name in self.allowed_models for name in names)


class StoredKey(NamedTuple):
    """A key as it is stored: the hash that stands for it, and its facts."""

    key_hash: str
    record: KeyRecord


class AmbiguousNameError(ValueError):
    """A name that several active keys have; the message names their ids."""


class KeyRegistry:
    """The keys in a store. `clock` gives seconds since the epoch."""

    def __init__(self, store: Store, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def find(self, key_hash: str) -> KeyRecord | None:
        """The key with this hash."""
        item = self._store.get(_partition(key_hash), META)
        return _record(item) if item else None

    def create(self, name: str, **facts: Any) -> tuple[str, KeyRecord]:
        """A new key, which is returned once and never again, with its record."""
        key = mint_key()
        return key, self.register(key, name, **facts)

    def register(self, key: str, name: str, **facts: Any) -> KeyRecord:
        """Store a key by its hash. Raises `ConflictError` where it is registered already."""
        record = KeyRecord(id=f"key_{token_hex(8)}", name=name, hint=key_hint(key), created=int(self._clock()), **facts)
        self._store.put(Item(_partition(hash_key(key)), META, ItemType.KEY, _attributes(record)), replaces=None)
        return record

    def all(self) -> list[KeyRecord]:
        """Every key, the newest last."""
        return sorted((_record(item) for item in self._store.scan(ItemType.KEY)), key=lambda record: record.created)

    def one(self, name_or_id: str) -> StoredKey | None:
        """The key with this id, or the active one with this name, or a revoked one; None where there is none.

        Raises `AmbiguousNameError` where several active keys have the name.
        """
        item = self._one(name_or_id)
        return StoredKey(item.pk.removeprefix(ItemType.KEY.prefix), _record(item)) if item else None

    def change(self, key_hash: str, **facts: Any) -> KeyRecord:
        """Change facts of a key. Raises `ConflictError` where another is changing it, or has removed it."""
        item = self._store.get(_partition(key_hash), META)
        if item is None:
            raise ConflictError("the key has been removed")
        return self._change(item, **facts)

    def revoke(self, name_or_id: str) -> KeyRecord | None:
        """Revoke the key with this id or name; None where there is none. It stays listed.

        Raises `AmbiguousNameError` where several active keys have the name: no guess may leave the wrong one active.
        """
        item = self._one(name_or_id)
        if item is None or item.attributes["status"] == "revoked":
            return _record(item) if item else None
        return self._change(item, status="revoked")

    def forget(self, key_hash: str) -> None:
        """Remove what is stored of a key, if anything is."""
        self._store.delete(_partition(key_hash), META)

    def _one(self, name_or_id: str) -> Item | None:
        items = self._store.scan(ItemType.KEY)
        found = [item for item in items if item.attributes["id"] == name_or_id] or [
            item for item in items if item.attributes["name"] == name_or_id
        ]
        active = [item for item in found if item.attributes["status"] == "active"]
        if len(active) > 1:
            ids = ", ".join(item.attributes["id"] for item in active)
            raise AmbiguousNameError(f"several active keys are called {name_or_id}: {ids}")
        return next(iter(active or found), None)

    def _change(self, item: Item, **facts: Any) -> KeyRecord:
        changed = replace(_record(item), **facts)
        self._store.put(replace(item, attributes=_attributes(changed), version=item.version + 1), replaces=item.version)
        return changed


def _partition(key_hash: str) -> str:
    return ItemType.KEY.prefix + key_hash


def _attributes(record: KeyRecord) -> dict[str, Any]:
    return {**asdict(record), "allowed_models": list(record.allowed_models)}


def _record(item: Item) -> KeyRecord:
    known = {name: value for name, value in item.attributes.items() if name in KeyRecord.__dataclass_fields__}
    return KeyRecord(**{**known, "allowed_models": tuple(known.get("allowed_models") or ())})
