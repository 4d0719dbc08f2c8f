"""Makes, changes and removes keys together with their twin in API Gateway: both change, or neither."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, get_args

from gateway.access.key_records import LIMITS, KeyRecord, KeyRegistry, StoredKey
from gateway.access.keys import hash_key, mint_key
from gateway.access.limits import Limits
from gateway.access.shared_budgets import SharedBudgets, limits_as_facts
from gateway.learning.trait_table import TraitTable
from gateway.response_cache.cached_answers import CachedAnswers

Plan = Literal["free", "standard", "unlimited"]
PLANS: Final = get_args(Plan)


class KeyringError(Exception):
    """The request cannot be done. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A gate's view of a key: the gate's id for it, whether it is let in, and its plans."""

    id: str
    enabled: bool
    plans: tuple[str, ...]


class Gate(Protocol):
    """Stands before the functions, and counts requests by plan."""

    async def admit(self, key: StoredKey) -> None:
        """Let the key in under the plan of its record and no other, whole or not at all. Repeating it is harmless."""

    async def refuse(self, key: StoredKey) -> None:
        """Shut the key out, but keep it."""

    async def forget(self, key: StoredKey) -> None:
        """Remove the key, if it is known."""

    async def admission(self, key: StoredKey) -> Admission | None:
        """Return how the key is treated; None where it is not known."""


class NoGate:
    """No gate. Off AWS the functions see every request, and count it by the plan in the key's record."""

    async def admit(self, key: StoredKey) -> None:
        """Do nothing."""

    async def refuse(self, key: StoredKey) -> None:
        """Do nothing: the functions refuse the key by themselves."""

    async def forget(self, key: StoredKey) -> None:
        """Do nothing."""

    async def admission(self, key: StoredKey) -> None:
        """Return None: nothing is known."""


class Keyring:
    """The operator's keys, with their twins behind the gate."""

    def __init__(
        self,
        registry: KeyRegistry,
        gate: Gate,
        traits: TraitTable,
        answers: CachedAnswers,
        owners: SharedBudgets,
        pools: SharedBudgets,
    ) -> None:
        self._registry = registry
        self._owners = owners
        self._pools = pools
        self._gate = gate
        self._traits = traits
        self._answers = answers

    async def create(self, name: str, *, key: str | None = None, **facts: Any) -> tuple[str, KeyRecord]:
        """Make a new key, or register `key`, with these facts of a `KeyRecord`.

        Registering the same key with the same facts again completes what may be missing.
        """
        facts = await self._with_shared_limits(facts)
        if key is not None and (known := await self._registry.find(hash_key(key))):
            return key, await self._again(StoredKey(hash_key(key), known), {"name": name, **facts})
        chosen = key or mint_key()
        async with undone_on_failure() as undo:
            stored = StoredKey(hash_key(chosen), await self._registry.register(chosen, name, **facts))
            undo.push_async_callback(self._registry.forget, stored.key_hash)
            await self._gate.admit(stored)
        return chosen, stored.record

    async def one(self, name_or_id: str) -> StoredKey:
        """Return the key with this id or name. Raises `KeyringError` where there is none, or several."""
        found = await self._registry.one(name_or_id)
        if found is None:
            raise KeyringError(f"There is no key with the id or name {name_or_id!r}. See: edgeway keys list")
        return found

    async def update(self, name_or_id: str, **facts: Any) -> KeyRecord:
        """Change facts of an active key, its plan included. Without facts it only completes what may be missing."""
        old = await self._active(name_or_id)
        facts = await self._with_shared_limits(facts)
        async with undone_on_failure() as undo:
            changed = await self._registry.change(old.key_hash, **facts)
            undo.push_async_callback(
                self._registry.change, old.key_hash, **{name: getattr(old.record, name) for name in facts}
            )
            await self._gate.admit(StoredKey(old.key_hash, changed))
        return changed

    async def revoke(self, name_or_id: str) -> KeyRecord:
        """Refuse the key everywhere. Forget its learned traits and its kept answers.

        The functions refuse it even where the gate cannot be told.
        """
        key = await self.one(name_or_id)
        revoked = await self._registry.revoke(key.record.id) or key.record
        await self._gate.refuse(key)
        await self._forget(key.record.id)
        return revoked

    async def _forget(self, key_id: str) -> None:
        """Forget the key's learned traits and its kept answers."""
        await self._traits.forget(key_id=key_id)
        await self._answers.forget(key_id)

    async def rotate(self, name_or_id: str, *, old_ends: int | None = None) -> tuple[str, KeyRecord]:
        """Make a new key with the facts of an active one, which ends now, or at `old_ends` (since the epoch)."""
        old = await self._active(name_or_id)
        kept = ("owner", "role", "plan", "expires", "allowed_models", "pool", *LIMITS)
        async with undone_on_failure() as undo:
            key, record = await self.create(old.record.name, **{name: getattr(old.record, name) for name in kept})
            undo.push_async_callback(self._remove, StoredKey(hash_key(key), record))
            if old_ends is not None:
                ends = min(old_ends, old.record.expires or old_ends)
                await self._registry.change(old.key_hash, expires=ends)
            else:
                await self._registry.change(old.key_hash, status="revoked")
                undo.push_async_callback(self._registry.change, old.key_hash, status="active")
                await self._gate.refuse(old)
                await self._forget(old.record.id)
        return key, record

    async def share(self, budgets: SharedBudgets, name: str, changes: Mapping[str, int | None]) -> tuple[Limits, int]:
        """Change the limits of an owner or a pool, also in its keys. Return the limits and the number of keys.

        The same command completes what an interrupted one has left half done.
        """
        limits = await budgets.change(name, changes)
        facts = limits_as_facts(budgets.kind, limits)
        holders = [stored for stored in await self._registry.stored() if getattr(stored.record, budgets.kind) == name]
        for stored in holders:
            await self._registry.change(stored.key_hash, **facts)
        return limits, len(holders)

    async def _with_shared_limits(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return the facts with the limits of their owner and pool."""
        shared: dict[str, Any] = {}
        if (owner := facts.get("owner")) is not None:
            shared |= limits_as_facts("owner", await self._owners.find(owner) or Limits())
        if (pool := facts.get("pool")) is not None:
            found = await self._pools.find(pool)
            if pool and found is None:
                raise KeyringError(
                    f"There is no pool {pool!r}. Make it: edgeway pools update {pool} --budget-month 500"
                )
            shared |= limits_as_facts("pool", found or Limits())
        return {**facts, **shared}

    async def _active(self, name_or_id: str) -> StoredKey:
        found = await self.one(name_or_id)
        if found.record.status == "revoked":
            raise KeyringError(f"{found.record.id} ({found.record.name}) has been revoked, for good. Make a new key.")
        if found.record.status == "unreadable":
            raise KeyringError(
                f"What is stored of {found.record.id} ({found.record.name}) cannot be read whole. If a later "
                f"release has written it, update Edgeway; else revoke it (edgeway keys revoke {found.record.id}) "
                "and make a new key."
            )
        return found

    async def _again(self, known: StoredKey, asked: dict[str, Any]) -> KeyRecord:
        """Complete a key that is registered already."""
        other = [name for name, value in asked.items() if getattr(known.record, name) != value]
        if known.record.status != "active" or other:
            status = known.record.status
            reason = f"is {status}" if status != "active" else f"has another {other[0].replace('_', ' ')}"
            raise KeyringError(
                f"This key is registered already, as {known.record.id} ({known.record.name}), and {reason}. "
                "Use `edgeway keys update`, or choose another key."
            )
        await self._gate.admit(known)
        return known.record

    async def _remove(self, key: StoredKey) -> None:
        await self._gate.forget(key)
        await self._registry.forget(key.key_hash)


@asynccontextmanager
async def undone_on_failure() -> AsyncIterator[AsyncExitStack]:
    """Undo the registered steps, the last first, when the block fails. A step that cannot be undone is noted."""
    undo = AsyncExitStack()
    try:
        yield undo
    except BaseException as failure:
        try:
            await undo.aclose()
        except Exception as left:  # noqa: BLE001 - the first failure is what the operator must hear of
            failure.add_note(f"Not everything that was begun could be undone ({left}): look at `edgeway keys list`.")
        raise
