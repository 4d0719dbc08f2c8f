"""What another release, or a person, has written: keys of ours work, all else is in nobody's way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord, KeyRegistry
from gateway.access.keys import hash_key
from gateway.storage.attribute_values import ForeignValue
from gateway.storage.open import open_store
from gateway.storage.protocol import ConflictError, Item, ItemType

from tests.loop import run
from tests.unit.gateway import stored_items
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.stored_items import FOREIGN, OF_NOVEMBER, PARTITION, SPOILT_ID, SPOILT_PARTITION, Stored

FACTS: dict[str, Any] = {**stored_items.RECORD, "allowed_models": ("gpt-5",)}
RECORD = KeyRecord(**FACTS)
SPOILT = KeyRecord(id=SPOILT_ID, name="", hint="", created=0, status="unreadable")
A_MAP = ForeignValue({"M": {"of": {"S": "a later release"}}})


def test_keys_of_the_last_release_are_found_and_revoked_and_written_with_their_type(store_setting: str) -> None:
    stored_items.write(store_setting, OF_NOVEMBER)
    with closing(open_store(store_setting)) as store:
        registry = KeyRegistry(store, clock=Clock())
        assert run(registry.all()) == [RECORD]
        assert run(store.scan(ItemType.KEY)) == [Item(PARTITION, "META", ItemType.KEY, stored_items.RECORD, 3)]
        assert run(registry.find(hash_key(stored_items.KEY))) == RECORD
        assert run(registry.revoke("alice")) == replace(RECORD, status="revoked")
        assert run(registry.all()) == [replace(RECORD, status="revoked")]
        revoked = {**stored_items.RECORD, "status": "revoked"}
        assert run(store.get(PARTITION, "META")) == Item(PARTITION, "META", ItemType.KEY, revoked, 4)


def test_of_every_type_of_item_keys_alone_are_keys(store_setting: str) -> None:
    stored_items.fill(store_setting)
    with closing(open_store(store_setting, clock=Clock())) as store:
        registry = KeyRegistry(store, clock=Clock())
        assert run(registry.all()) == [SPOILT, RECORD]
        assert run(registry.revoke("alice")) == replace(RECORD, status="revoked")
        assert run(registry.revoke(SPOILT_ID)) == replace(SPOILT, status="revoked")
        assert run(registry.all()) == [replace(SPOILT, status="revoked"), replace(RECORD, status="revoked")]
        assert {each: run(store.scan(each)) for each in ItemType if each != "key"} == {
            item.type: [item] for item in stored_items.items_of_every_type()
        }


@pytest.mark.parametrize(
    "item",
    [item for item in (*OF_NOVEMBER, *FOREIGN) if item.pk not in (PARTITION, SPOILT_PARTITION)],
    ids=lambda item: item.pk,
)
def test_an_item_that_is_not_ours_is_not_found_and_not_written_over(item: Stored, store_setting: str) -> None:
    with closing(open_store(store_setting, clock=Clock(0))) as store:
        assert run(store.scan(ItemType.KEY)) == []
        stored_items.write(store_setting, [item])
        assert run(store.get(item.pk, item.sk)) is None
        assert run(store.query(item.pk)) == []
        assert [run(store.scan(each)) for each in ItemType] == [[] for each in ItemType]
        for ours in (each for each in ItemType if item.pk.startswith(each.prefix)):
            with pytest.raises(ConflictError):
                run(store.put(Item(item.pk, item.sk, ours), replaces=None))


def test_a_scan_goes_on_after_a_page_that_holds_nothing_of_its_type(store_setting: str) -> None:
    """DynamoDB reads a megabyte at a time and filters afterwards."""
    keys = [Item(f"KEY#{number}", "META", ItemType.KEY) for number in range(3)]
    with closing(open_store(store_setting)) as store:
        for number in range(8):
            item = Item(f"TRAITS#{number}", "META", ItemType.TRAITS, {"text": "x" * 380_000})
            run(store.put(item, replaces=None))
        for key in keys:
            run(store.put(key, replaces=None))
        assert run(store.scan(ItemType.KEY)) == keys


@pytest.mark.parametrize("version", [None, "three", [], -1, 0])
def test_an_item_without_a_version_that_can_be_read_can_be_replaced(version: object, store_setting: str) -> None:
    stored_items.write(store_setting, [Stored(PARTITION, stored_items.RECORD, version=version)])
    with closing(open_store(store_setting)) as store:
        assert run(KeyRegistry(store, clock=Clock()).revoke("alice")) == replace(RECORD, status="revoked")
        found = run(store.get(PARTITION, "META"))
        assert found is not None
        assert found.attributes["status"] == "revoked"
        with pytest.raises(ConflictError):
            run(store.put(replace(found, version=9), replaces=found.version - 1))


def test_a_change_keeps_what_a_later_release_has_added(store_setting: str) -> None:
    added = {"team": "a new fact", "limits": A_MAP, "several": [A_MAP, "and text"]}
    stored_items.write(store_setting, [Stored(PARTITION, {**stored_items.RECORD, **added})])
    with closing(open_store(store_setting)) as store:
        registry = KeyRegistry(store, clock=Clock())
        before = run(store.get(PARTITION, "META"))
        assert before is not None
        assert run(registry.change(hash_key(stored_items.KEY), plan="free")) == replace(RECORD, plan="free")
        assert run(store.get(PARTITION, "META")) == replace(
            before, attributes={**before.attributes, "plan": "free"}, version=2
        )
        assert set(before.attributes) == {*stored_items.RECORD, *added}
