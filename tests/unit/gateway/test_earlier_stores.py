"""A store that the last release has written works as it is: its keys are found, and its learnt traits are no keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.key_records import KeyRecord, KeyRegistry
from gateway.keys import hash_key
from gateway.store import Item, ItemType
from gateway.stores import open_store

from tests.unit.gateway import earlier_stores
from tests.unit.gateway.clocks import Clock

FACTS: dict[str, Any] = {**earlier_stores.RECORD, "allowed_models": ("gpt-5",)}
RECORD = KeyRecord(**FACTS)


def test_keys_of_the_last_release_are_found_and_revoked_and_written_with_their_type(store_setting: str) -> None:
    earlier_stores.write(store_setting)
    store = open_store(store_setting)
    registry, partition = KeyRegistry(store, clock=Clock()), f"KEY#{hash_key(earlier_stores.KEY)}"
    assert registry.all() == [RECORD]
    assert store.scan(ItemType.KEY) == [Item(partition, "META", ItemType.KEY, earlier_stores.RECORD, 3)]
    assert registry.find(hash_key(earlier_stores.KEY)) == RECORD
    assert registry.revoke("alice") == replace(RECORD, status="revoked")
    assert registry.all() == [replace(RECORD, status="revoked")]
    revoked = {**earlier_stores.RECORD, "status": "revoked"}
    assert store.get(partition, "META") == Item(partition, "META", ItemType.KEY, revoked, 4)
    store.close()


def test_what_the_last_release_has_learnt_is_no_item_of_this_one(store_setting: str) -> None:
    earlier_stores.write(store_setting)
    store = open_store(store_setting)
    assert store.get("QUIRK#openai#gpt-5", "META") is None
    assert store.query("QUIRK#openai#gpt-5") == []
    assert store.scan(ItemType.TRAITS) == []
    store.close()
