"""The stored record of a key; operators make, list and revoke keys with it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from secrets import token_hex
from typing import Any, Final, Literal, NamedTuple, get_args

from translator.anthropic.errors import ApiError

from gateway.access.keys import hash_key, key_hint, mint_key
from gateway.access.limits import WINDOWS, Budget, Limits, Rates
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

Role = Literal["user", "admin"]
Status = Literal["active", "revoked", "unreadable"]
"""Unreadable is what is not stored: the record has no revocation, and something in it that we cannot read."""

META = "META"
BUDGET_FIELDS: Final = tuple(f"{of}budget_{window}" for of in ("", "owner_", "pool_") for window in WINDOWS)
"""Integer micro-dollars; None: no limit."""
RATE_FIELDS: Final = ("requests_per_minute", "tokens_per_minute", "streams")
LIMITS: Final = (*BUDGET_FIELDS, *RATE_FIELDS)
"""The facts of a record that are numbers, or None for no limit."""


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
    budget_total: int | None = None
    owner_budget_day: int | None = None
    """The owner's limits, and the pool's, stand in each of their keys: who reads a key knows all that applies to it."""
    owner_budget_month: int | None = None
    owner_budget_total: int | None = None
    pool: str = ""
    """The name of a budget that several keys share."""
    pool_budget_day: int | None = None
    pool_budget_month: int | None = None
    pool_budget_total: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    streams: int | None = None

    def may_use(self, *names: str) -> bool:
        """Whether one of the names of a model (as asked for, as `provider/model`) is allowed."""
        return not self.allowed_models or any(name in self.allowed_models for name in names)

    def budgets(self) -> tuple[Budget, ...]:
        """All that apply, the key's own first; none where nothing is limited."""
        if _BUDGETS(self) == _NO_BUDGETS:
            return ()
        scopes = {"": f"key/{self.id}", "owner_": f"owner/{self.owner}", "pool_": f"pool/{self.pool}"}
        budgets = (Budget(scope, self._limits(prefix)) for prefix, scope in scopes.items())
        return tuple(budget for budget in budgets if any(budget.limits.named()))

    def rates(self) -> Rates:
        """How much it may ask."""
        return Rates(
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
            streams=self.streams,
        )

    def _limits(self, prefix: str) -> Limits:
        return Limits(**{window: getattr(self, f"{prefix}budget_{window}") for window in WINDOWS})


_BUDGETS = attrgetter(*BUDGET_FIELDS)
_NO_BUDGETS: Final = (None,) * len(BUDGET_FIELDS)


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

    async def find(self, key_hash: str) -> KeyRecord | None:
        """The key with this hash."""
        item = await self._store.get(_partition(key_hash), META)
        return _record(item) if item else None

    async def create(self, name: str, **facts: Any) -> tuple[str, KeyRecord]:
        """A new key, which is returned once and never again, with its record."""
        key = mint_key()
        return key, await self.register(key, name, **facts)

    async def register(self, key: str, name: str, **facts: Any) -> KeyRecord:
        """Store a key by its hash. Raises `ConflictError` where it is registered already."""
        record = KeyRecord(id=f"key_{token_hex(8)}", name=name, hint=key_hint(key), created=int(self._clock()), **facts)
        await self._store.put(
            Item(_partition(hash_key(key)), META, ItemType.KEY, _attributes(asdict(record))), replaces=None
        )
        return record

    async def all(self) -> list[KeyRecord]:
        """Every key, the newest last."""
        return sorted((record for _, record in await self._stored()), key=lambda record: record.created)

    async def stored(self) -> list[StoredKey]:
        """Every key with its hash."""
        return [StoredKey(item.pk.removeprefix(ItemType.KEY.prefix), record) for item, record in await self._stored()]

    async def one(self, name_or_id: str) -> StoredKey | None:
        """The key with this id, or the active one with this name, or a revoked one; None where there is none.

        Raises `AmbiguousNameError` where several active keys have the name.
        """
        item = await self._one(name_or_id)
        return StoredKey(item.pk.removeprefix(ItemType.KEY.prefix), _record(item)) if item else None

    async def change(self, key_hash: str, **facts: Any) -> KeyRecord:
        """Change facts of a key. Raises `ConflictError` where another is changing it, or has removed it."""
        item = await self._store.get(_partition(key_hash), META)
        if item is None:
            raise ConflictError("the key has been removed")
        return await self._change(item, **facts)

    async def revoke(self, name_or_id: str) -> KeyRecord | None:
        """Revoke the key with this id or name, readable or not; None where there is none. It stays listed.

        Raises `AmbiguousNameError` where several active keys have the name: no guess may leave the wrong one active.
        """
        item = await self._one(name_or_id)
        if item is None or item.attributes.get("status") == "revoked":
            return _record(item) if item else None
        return await self._change(item, status="revoked")

    async def forget(self, key_hash: str) -> None:
        """Remove what is stored of a key, if anything is."""
        await self._store.delete(_partition(key_hash), META)

    async def _stored(self) -> list[tuple[Item, KeyRecord]]:
        return [(item, _record(item)) for item in await self._store.scan(ItemType.KEY) if item.sk == META]

    async def _one(self, name_or_id: str) -> Item | None:
        stored = await self._stored()
        found = [each for each in stored if each[1].id == name_or_id] or [
            each for each in stored if each[1].name == name_or_id
        ]
        active = [each for each in found if each[1].status != "revoked"]
        if len(active) > 1:
            ids = ", ".join(record.id for _, record in active)
            raise AmbiguousNameError(f"several active keys are called {name_or_id}: {ids}")
        return next((item for item, _ in active or found), None)

    async def _change(self, item: Item, **facts: Any) -> KeyRecord:
        """Write these facts and leave all else as it is, also what a later release has added."""
        attributes = {**item.attributes, **_attributes(facts)}
        changed = replace(item, attributes=attributes, version=item.version + 1)
        await self._store.put(changed, replaces=item.version)
        return _record(changed)


def _partition(key_hash: str) -> str:
    return ItemType.KEY.prefix + key_hash


def _attributes(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _record(item: Item) -> KeyRecord:
    """What the item says of its key: where it cannot be read whole, what can be, and nobody gets in by it."""
    read = {name: item.attributes[name] for name in _READABLE if name in item.attributes}
    good = {name: value for name, value in read.items() if _READABLE[name](value)}
    facts = {**_unnamed(item.pk.removeprefix(ItemType.KEY.prefix)), **good}
    if good != read or not good.keys() >= _NEEDED:
        facts["status"] = "revoked" if good.get("status") == "revoked" else "unreadable"
    return KeyRecord(**{**facts, "allowed_models": tuple(facts.get("allowed_models", ()))})


def _unnamed(key_hash: str) -> dict[str, Any]:
    """What a key is called whose record does not say it: operators need an id to revoke it by."""
    return {"id": f"key_{key_hash[:16]}", "name": "", "hint": "", "created": 0}


def may_not_use(model: str) -> ApiError:
    """Return the error for a key that may not use this model."""
    message = f"model: this key may not use {model[:100]}. GET /v1/models lists what it may use."
    return ApiError("permission_error", message, retry=False)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return type(value) is int


def _is_limit(value: object) -> bool:
    return value is None or _is_number(value)


_NEEDED: Final = frozenset({"id", "name", "hint", "created", "status"})
"""Every release has written them."""
_READABLE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "id": lambda value: _is_text(value) and value != "",
    "name": _is_text,
    "hint": _is_text,
    "owner": _is_text,
    "role": lambda value: value in get_args(Role),
    "status": lambda value: value in ("active", "revoked"),
    "plan": _is_text,
    "created": _is_number,
    "expires": _is_limit,
    "allowed_models": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "pool": _is_text,
    **dict.fromkeys(LIMITS, _is_limit),
}
"""What a stored fact must be. What is wrongly written must not pass for its default, which is no limit at all."""
