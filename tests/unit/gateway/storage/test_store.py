"""The contract of the store, on every kind of it."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from gateway.aws.client import AwsClient, open_client
from gateway.aws.types import DYNAMODB, AwsError
from gateway.storage.dynamodb import DynamoDbStore
from gateway.storage.open import open_store
from gateway.storage.protocol import Change, ConflictError, Item, ItemType, Store, UnmetError

from tests.loop import run
from tests.unit.gateway.stores import TABLE, moto, sqlite

KEY = ItemType.KEY
ATTRIBUTES: Mapping[str, Any] = {
    "text": "naïve 👩‍🚀 \n \"'\\ ",
    "empty": "",
    "zero": 0,
    "below": -7,
    "micro_dollars": 2**63 - 1,
    "beyond_a_float": 2**53 + 1,
    "beyond_64_bits": 10**37 + 1,
    "yes": True,
    "no": False,
    "nothing": None,
    "names": ["gpt-5", "", "openai/gpt-5"],
    "none_of_them": [],
}


def kept(store: Store, item: Item) -> Item | None:
    run(store.put(item, replaces=None))
    return run(store.get(item.pk, item.sk))


def test_what_is_put_is_what_is_got(store: Store) -> None:
    item = Item("KEY#abc", "META", KEY, ATTRIBUTES, version=3, ttl=1_900_000_000)
    found = kept(store, item)
    assert found == item
    kinds = {name: type(value) for name, value in found.attributes.items()}
    assert kinds == {name: type(value) for name, value in ATTRIBUTES.items()}


def test_an_item_may_have_no_attributes_and_no_end(store: Store) -> None:
    found = kept(store, Item("KEY#abc", "META", KEY))
    assert found == Item("KEY#abc", "META", KEY, {}, version=1, ttl=None)


def test_what_is_not_there_is_none(store: Store) -> None:
    run(store.put(Item("KEY#abc", "META", KEY), replaces=None))
    assert [run(store.get(pk, sk)) for pk, sk in (("KEY#abc", "USAGE"), ("KEY#ab", "META"), ("META", "KEY#abc"))] == [
        None
    ] * 3


def test_a_new_item_must_be_new(store: Store) -> None:
    first = Item("KEY#abc", "META", KEY, {"name": "first"})
    run(store.put(first, replaces=None))
    with pytest.raises(ConflictError):
        run(store.put(Item("KEY#abc", "META", KEY, {"name": "second"}), replaces=None))
    assert run(store.get("KEY#abc", "META")) == first


def test_a_change_names_the_version_that_it_replaces(store: Store) -> None:
    run(store.put(Item("KEY#abc", "META", KEY, {"name": "first", "dropped": 1}, ttl=5), replaces=None))
    second = Item("KEY#abc", "META", KEY, {"name": "second"}, version=2)
    run(store.put(second, replaces=1))
    assert run(store.get("KEY#abc", "META")) == second
    for outdated in (1, 3):
        with pytest.raises(ConflictError):
            run(store.put(Item("KEY#abc", "META", KEY, {"name": "third"}, version=outdated + 1), replaces=outdated))
    assert run(store.get("KEY#abc", "META")) == second


def test_what_is_not_there_cannot_be_replaced(store: Store) -> None:
    with pytest.raises(ConflictError):
        run(store.put(Item("KEY#abc", "META", KEY, version=2), replaces=1))
    assert run(store.get("KEY#abc", "META")) is None


def test_a_partition_is_read_in_the_order_of_the_sort_key(store: Store) -> None:
    keys = ["USAGE#2025-01-02", "USAGE#2025-01-10", "BUDGET#day", "USAGE#2025-01-02#gpt-5", "META", "usage", "Übrig"]
    for number, sk in enumerate(keys):
        run(store.put(Item("KEY#abc", sk, KEY, {"number": number}), replaces=None))
    run(store.put(Item("KEY#abcd", "META", KEY), replaces=None))
    found = run(store.query("KEY#abc"))
    assert [item.sk for item in found] == sorted(keys, key=str.encode)
    assert [item.attributes["number"] for item in found] == [keys.index(item.sk) for item in found]


def test_a_partition_is_read_by_prefix(store: Store) -> None:
    keys = ["USAGE#2025-01", "USAGE#2025-02", "USAGE", "USAG_", "usage#2025", "U%", "BUDGET"]
    for sk in keys:
        run(store.put(Item("KEY#abc", sk, KEY), replaces=None))
    found = {
        prefix: [item.sk for item in run(store.query("KEY#abc", prefix))] for prefix in ("USAGE#", "U%", "USAG_", "x")
    }
    assert found == {"USAGE#": ["USAGE#2025-01", "USAGE#2025-02"], "U%": ["U%"], "USAG_": ["USAG_"], "x": []}


def test_a_partition_may_be_larger_than_one_answer_of_dynamodb(store: Store) -> None:
    text = "x" * 300_000  # four of them are more than the megabyte that a page may have
    for number in range(5):
        run(store.put(Item("KEY#abc", f"USAGE#{number}", KEY, {"text": text}), replaces=None))
    assert [item.sk for item in run(store.query("KEY#abc"))] == [f"USAGE#{number}" for number in range(5)]
    assert len(run(store.query("KEY#abc", "USAGE#"))) == 5


def test_a_scan_finds_a_type_and_nothing_else(store: Store) -> None:
    kept = [Item(f"{each.prefix}{name}", sk, each, {"of": name}) for each in ItemType for name in "ab" for sk in "mn"]
    for item in reversed(kept):
        run(store.put(item, replaces=None))
    assert {each: run(store.scan(each)) for each in ItemType} == {
        each: [item for item in kept if item.type is each] for each in ItemType
    }


@pytest.mark.parametrize("item_type", ItemType)
def test_nothing_else_lies_under_the_prefix_of_a_type(item_type: ItemType) -> None:
    prefixes = [other.prefix for other in ItemType if other is not item_type]
    for pk in (*prefixes, item_type.prefix.lower(), item_type.prefix[:-1], ""):
        with pytest.raises(ValueError, match="begins with"):
            Item(pk, "META", item_type)


def test_what_is_deleted_is_gone_and_may_be_new_again(store: Store) -> None:
    item = Item("KEY#abc", "META", KEY, version=7)
    run(store.put(item, replaces=None))
    run(store.delete("KEY#abc", "META"))
    run(store.delete("KEY#abc", "META"))
    assert run(store.get("KEY#abc", "META")) is None
    assert kept(store, item) == item


def test_another_opening_sees_what_was_written(store: Store, store_setting: str) -> None:
    run(store.put(Item("KEY#abc", "META", KEY, {"name": "first"}), replaces=None))
    other = open_store(store_setting)
    try:
        run(other.put(Item("KEY#abc", "META", KEY, {"name": "second"}, version=2), replaces=1))
        found = run(store.get("KEY#abc", "META"))
    finally:
        other.close()
    assert found == Item("KEY#abc", "META", KEY, {"name": "second"}, version=2)


BUDGET = Item(
    "BUDGET#abc", "WINDOWS", ItemType.BUDGET, {"spent": 5, "day": "2026-11-30", "name": "x"}, version=3, ttl=9
)


def change(**parts: Any) -> Change:
    return Change(pk=BUDGET.pk, sk=BUDGET.sk, type=ItemType.BUDGET, **parts)


def test_a_change_makes_the_item_that_it_does_not_find(store: Store) -> None:
    made = run(store.change(change(put={"day": "2026-11-30"}, add={"spent": 7}, remove=["other"], ttl=12)))
    assert made == Item(BUDGET.pk, BUDGET.sk, ItemType.BUDGET, {"day": "2026-11-30", "spent": 7}, version=1, ttl=12)
    assert run(store.get(BUDGET.pk, BUDGET.sk)) == made


def test_a_change_leaves_what_it_does_not_name(store: Store) -> None:
    run(store.put(BUDGET, replaces=None))
    changed = run(store.change(change(put={"size": 1}, add={"spent": -2, "total": 3}, remove=["day"])))
    attributes = {"spent": 3, "name": "x", "size": 1, "total": 3}
    assert changed == Item(BUDGET.pk, BUDGET.sk, ItemType.BUDGET, attributes, version=4, ttl=9)
    assert run(store.get(BUDGET.pk, BUDGET.sk)) == changed


MET: list[dict[str, Any]] = [
    {"equal": {"day": "2026-11-30", "spent": 5}},
    {"equal": {"missing": None}},
    {"unequal": {"day": "2026-11-29", "missing": "x"}},
    {"at_most": {"spent": 5}},
    {"at_most": {"missing": 0}},
    {"present": ["spent", "day"]},
    {"equal": {"day": "2026-11-30"}, "unequal": {"name": "y"}, "at_most": {"spent": 6}, "present": ["name"]},
]
UNMET: list[dict[str, Any]] = [
    {"equal": {"day": "2026-11-29"}},
    {"equal": {"missing": "x"}},
    {"equal": {"spent": None}},
    {"unequal": {"spent": 5}},
    {"at_most": {"spent": 4}},
    {"at_most": {"missing": -1}},
    {"present": ["day", "missing"]},
    {"equal": {"day": "2026-11-30"}, "at_most": {"spent": 4}},
]


@pytest.mark.parametrize("conditions", MET)
def test_a_change_is_made_where_its_conditions_hold(store: Store, conditions: dict[str, Any]) -> None:
    run(store.put(BUDGET, replaces=None))
    assert run(store.change(change(add={"spent": 1}, **conditions))).attributes["spent"] == 6


@pytest.mark.parametrize("conditions", UNMET)
def test_a_change_is_not_made_where_one_condition_does_not_hold(store: Store, conditions: dict[str, Any]) -> None:
    run(store.put(BUDGET, replaces=None))
    with pytest.raises(UnmetError) as unmet:
        run(store.change(change(add={"spent": 1}, **conditions)))
    assert unmet.value.found == BUDGET
    assert run(store.get(BUDGET.pk, BUDGET.sk)) == BUDGET


def test_a_change_whose_condition_wants_an_item_does_not_make_one(store: Store) -> None:
    with pytest.raises(UnmetError) as unmet:
        run(store.change(change(add={"spent": 1}, present=["day"])))
    assert unmet.value.found is None
    assert run(store.get(BUDGET.pk, BUDGET.sk)) is None


def test_changes_of_several_at_once_are_all_made(store: Store) -> None:
    async def together() -> None:
        await asyncio.gather(*(store.change(change(add={"spent": 2}, at_most={"spent": 1000})) for _ in range(20)))

    run(together())
    found = run(store.get(BUDGET.pk, BUDGET.sk))
    assert found is not None
    assert (found.attributes, found.version) == ({"spent": 40}, 20)


def test_closing_twice_is_closing(store_setting: str) -> None:
    store = open_store(store_setting)
    assert run(store.get("KEY#abc", "META")) is None
    store.close()
    store.close()


def test_dynamodb_is_told_the_end_in_the_attribute_that_the_table_names(tmp_path: Path) -> None:
    with moto(tmp_path) as setting:
        store = open_store(setting)
        run(store.put(Item("KEY#abc", "META", KEY, ttl=1_900_000_000), replaces=None))
        store.close()
        (written,) = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert len(written.pop("mark")["S"]) == 16
    assert written == {
        "pk": {"S": "KEY#abc"},
        "sk": {"S": "META"},
        "type": {"S": "key"},
        "version": {"N": "1"},
        "ttl": {"N": "1900000000"},
    }


@dataclass(frozen=True, slots=True)
class Twice:
    """A client that sends every write twice, as one does whose first answer was lost."""

    client: AwsClient
    between: Callable[[], Awaitable[None]] | None = None

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "PutItem":
            with suppress(AwsError):
                await self.client.call(operation, parameters)
            if self.between:
                await self.between()
        return await self.client.call(operation, parameters)

    def close(self) -> None:
        self.client.close()


def test_a_write_that_is_sent_again_does_not_conflict_with_itself(tmp_path: Path) -> None:
    first, second = (Item("KEY#abc", "META", KEY, {"spent": 1}, version=version) for version in (1, 2))
    with moto(tmp_path):
        store = DynamoDbStore(TABLE, Twice(open_client(DYNAMODB, os.environ)))
        run(store.put(first, replaces=None))
        run(store.put(second, replaces=1))
        assert run(store.get("KEY#abc", "META")) == second
        with pytest.raises(ConflictError):
            run(store.put(second, replaces=1))
        store.close()


def test_an_equal_write_of_another_is_a_conflict(tmp_path: Path) -> None:
    """Two that add the same to the same would both believe that theirs was added."""
    first, second = (Item("KEY#abc", "META", KEY, {"spent": version}, version=version) for version in (1, 2))
    with moto(tmp_path):
        others = DynamoDbStore(TABLE, open_client(DYNAMODB, os.environ))
        run(others.put(first, replaces=None))
        run(others.put(second, replaces=1))
        store = DynamoDbStore(TABLE, Twice(open_client(DYNAMODB, os.environ)))
        with pytest.raises(ConflictError):
            run(store.put(second, replaces=1))
        others.close()
        store.close()


def test_a_write_that_is_replaced_before_it_is_sent_again_is_a_conflict(tmp_path: Path) -> None:
    first, second = (Item("KEY#abc", "META", KEY, {"spent": version}, version=version) for version in (1, 2))
    with moto(tmp_path):
        others = DynamoDbStore(TABLE, open_client(DYNAMODB, os.environ))
        client = Twice(open_client(DYNAMODB, os.environ), lambda: others.put(second, replaces=1))
        store = DynamoDbStore(TABLE, client)
        with pytest.raises(ConflictError):
            run(store.put(first, replaces=None))
        assert run(store.get("KEY#abc", "META")) == second
        others.close()
        store.close()


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    with sqlite(tmp_path) as setting:
        store = open_store(setting)
        run(store.put(Item("KEY#abc", "META", KEY), replaces=None))
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("data/*")}
        store.close()
    assert files == dict.fromkeys(["edgeway.sqlite3", "edgeway.sqlite3-shm", "edgeway.sqlite3-wal"], 0o600)


@pytest.mark.parametrize("setting", ["", "sqlite:", "dynamodb:", "sqlite", "/tmp/file", "redis://127.0.0.1"])
def test_a_setting_that_names_no_store_says_what_would(setting: str) -> None:
    with pytest.raises(ValueError, match=r"EDGEWAY_STORE must be sqlite:<path> or dynamodb:<table>"):
        open_store(setting)
