"""Keys in a store: registered by hash, found, listed, revoked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gateway.access.key_records import AmbiguousNameError, KeyRecord, KeyRegistry, StoredKey
from gateway.access.keys import hash_key, is_well_formed
from gateway.storage.open import open_store
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

from tests.loop import run
from tests.unit.gateway.clocks import Clock

FACTS: dict[str, Any] = {
    "owner": "team-a",
    "role": "admin",
    "plan": "standard",
    "expires": 1_900_000_000,
    "allowed_models": ("gpt-5", "openai/gpt-5-mini"),
    "budget_day": 5_000_000,
    "budget_month": 2**53 + 1,
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(store: Store, clock: Clock) -> KeyRegistry:
    return KeyRegistry(store, clock=clock)


def test_a_key_is_found_with_all_its_facts(registry: KeyRegistry) -> None:
    key, record = run(registry.create("alice", **FACTS))
    assert is_well_formed(key)
    assert record == KeyRecord(
        id=record.id, name="alice", hint=f"{key[:6]}…{key[-4:]}", created=1_800_000_000, status="active", **FACTS
    )  # fmt: skip
    assert run(registry.find(hash_key(key))) == record


def test_a_key_that_nobody_made_is_not_found(registry: KeyRegistry) -> None:
    run(registry.create("alice"))
    assert run(registry.find(hash_key("another-key"))) is None


def test_a_key_of_the_operators_own_is_registered_once(registry: KeyRegistry) -> None:
    record = run(registry.register("chosen-by-hand", "bob"))
    assert run(registry.find(hash_key("chosen-by-hand"))) == record
    with pytest.raises(ConflictError):
        run(registry.register("chosen-by-hand", "carol"))
    assert run(registry.all()) == [record]


def test_the_keys_are_listed_oldest_first(registry: KeyRegistry, clock: Clock) -> None:
    made = []
    for name in ("carol", "alice", "bob"):
        made.append(run(registry.create(name))[1])
        clock.now += 60
    assert run(registry.all()) == made


@pytest.mark.failure_mode(50)
def test_no_key_is_stored_or_shown_again(tmp_path: Path, clock: Clock) -> None:
    store = open_store(f"sqlite:{tmp_path}/edgeway.sqlite3")
    registry = KeyRegistry(store, clock=clock)
    keys = [run(registry.create("alice"))[0], "planted-by-an-operator"]
    run(registry.register(keys[1], "bob"))
    shown = repr(run(registry.all()))
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    store.close()
    files |= {f"closed {path.name}": path.read_bytes() for path in tmp_path.iterdir()}
    assert any(hash_key(keys[0]).encode() in content for content in files.values())
    for key in keys:
        # All but the hint's few characters: a longer piece would be found as well.
        assert [name for name, content in files.items() if key[6:-4].encode() in content] == []
        assert key[6:-4] not in shown


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_revoked_key_stays_listed(by: str, registry: KeyRegistry) -> None:
    key, record = run(registry.create("alice", **FACTS))
    other = run(registry.create("bob"))[1]
    revoked = run(registry.revoke(getattr(record, by)))
    assert revoked == replace(record, status="revoked")
    assert run(registry.find(hash_key(key))) == revoked
    assert {each.name: each.status for each in run(registry.all())} == {"alice": "revoked", "bob": "active"}
    assert run(registry.revoke(getattr(record, by))) == revoked
    assert run(registry.find(hash_key(key))) == revoked
    assert other.status == "active"


def test_what_is_not_there_cannot_be_revoked(registry: KeyRegistry) -> None:
    run(registry.create("alice"))
    assert [run(registry.revoke(name)) for name in ("bob", "", "key_0")] == [None, None, None]


def test_a_name_means_the_active_key_whichever_was_revoked_before(registry: KeyRegistry) -> None:
    """Rotation by hand: the old key of the same name is in the list, at a place that its hash decides."""
    for _ in range(6):
        key, _record = run(registry.create("alice"))
        run(registry.revoke("alice"))
        found = run(registry.find(hash_key(key)))
        assert found is not None
        assert found.status == "revoked"


def test_a_name_of_several_active_keys_revokes_none_of_them(registry: KeyRegistry) -> None:
    ids = {run(registry.create("alice"))[1].id for _ in range(2)}
    with pytest.raises(AmbiguousNameError) as caught:
        run(registry.revoke("alice"))
    assert [record.status for record in run(registry.all())] == ["active", "active"]
    assert all(key_id in str(caught.value) for key_id in ids)


def test_an_id_comes_before_a_name(registry: KeyRegistry) -> None:
    first = run(registry.create("alice"))[1]
    run(registry.create(first.id))
    revoked = run(registry.revoke(first.id))
    assert revoked is not None
    assert revoked.name == "alice"


def test_a_record_of_a_later_version_can_be_read(store: Store, registry: KeyRegistry) -> None:
    """Functions of the last deployment read what the command line of the next has written."""
    record = run(registry.register("chosen-by-hand", "bob"))
    (item,) = run(store.scan(ItemType.KEY))
    later = replace(item, attributes={**item.attributes, "team": "a new fact"}, version=2)
    run(store.put(later, replaces=1))
    assert run(registry.find(hash_key("chosen-by-hand"))) == record


@pytest.mark.parametrize(
    ("allowed", "names", "may"),
    [
        ((), ("gpt-5",), True),
        (("gpt-5",), ("gpt-5",), True),
        (("openai/gpt-5",), ("gpt-5", "openai/gpt-5"), True),
        (("gpt-5",), ("gpt-5-mini", "openai/gpt-5-mini"), False),
        (("gpt-5",), (), False),
    ],
)
def test_which_models_a_key_may_use(allowed: tuple[str, ...], names: tuple[str, ...], may: bool) -> None:
    record = KeyRecord(id="key_1", name="alice", hint="", created=0, allowed_models=allowed)
    assert record.may_use(*names) is may


def test_a_key_is_found_by_its_id_or_its_name_with_its_hash(registry: KeyRegistry) -> None:
    key, record = run(registry.create("alice", **FACTS))
    assert run(registry.one(record.id)) == run(registry.one("alice")) == StoredKey(hash_key(key), record)
    assert run(registry.one("bob")) is None


def test_an_active_key_goes_before_revoked_ones_of_its_name(registry: KeyRegistry) -> None:
    old = run(registry.create("alice"))[1]
    run(registry.revoke(old.id))
    assert run(registry.one("alice")) == run(registry.one(old.id))
    new = run(registry.create("alice"))[1]
    assert [found.record.id for name in ("alice", old.id) if (found := run(registry.one(name)))] == [new.id, old.id]


def test_facts_of_a_key_are_changed_and_the_others_stay(registry: KeyRegistry) -> None:
    key, record = run(registry.create("alice", **FACTS))
    changed = run(registry.change(hash_key(key), plan="free", expires=None))
    assert changed == replace(record, plan="free", expires=None) == run(registry.find(hash_key(key)))


def test_a_forgotten_key_is_neither_found_nor_changed(registry: KeyRegistry) -> None:
    key, _ = run(registry.create("alice"))
    run(registry.forget(hash_key(key)))
    run(registry.forget(hash_key(key)))
    assert run(registry.all()) == []
    with pytest.raises(ConflictError):
        run(registry.change(hash_key(key), plan="free"))


NOTHING = "nothing"
SPOILT: list[dict[str, Any]] = [
    {name: value}
    for name, values in {
        "id": (NOTHING, "", 5, None, ["a"]),
        "name": (NOTHING, 5, None, ["a"]),
        "hint": (NOTHING, None),
        "owner": (5, None),
        "role": ("owner", "", None, ["user"]),
        "status": (NOTHING, "paused", "", "unreadable", None, True, ["active"]),
        "plan": (None, 5),
        "created": (NOTHING, "today", None, True),
        "expires": ("never", True, [1]),
        "allowed_models": ("gpt-5", None, [5], 5),
        "budget_day": ("5", True),
        "budget_month": ("5", False),
    }.items()
    for value in values
]
"""What is wrong in a record; NOTHING is stored of the fact at all."""


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all that is about records and not about stores."""
    with closing(open_store(f"sqlite:{tmp_path_factory.mktemp('records')}/edgeway.db")) as store:
        yield store


@pytest.mark.parametrize("spoilt", SPOILT, ids=str)
def test_a_key_whose_record_cannot_be_read_whole_is_listed_and_revoked(
    spoilt: dict[str, Any], one_store: Store, clock: Clock
) -> None:
    registry = KeyRegistry(one_store, clock=clock)
    key, record = run(registry.create("alice", **FACTS))
    key_hash = hash_key(key)
    (item,) = run(one_store.scan(ItemType.KEY))
    attributes = {name: value for name, value in {**item.attributes, **spoilt}.items() if value != NOTHING}
    run(one_store.put(replace(item, attributes=attributes, version=2), replaces=1))
    (listed,) = run(registry.all())
    (name,) = spoilt
    defaults = KeyRecord(id=f"key_{key_hash[:16]}", name="", hint="", created=0, status="unreadable")
    facts: dict[str, Any] = {"status": "unreadable", name: getattr(defaults, name)}
    assert listed == replace(record, **facts)
    assert run(registry.find(key_hash)) == listed
    assert run(registry.one(listed.id)) == StoredKey(key_hash, listed)
    revoked = replace(listed, status="revoked")
    assert [run(registry.revoke(listed.id)), run(registry.revoke(listed.id)), *run(registry.all())] == [revoked] * 3
    assert run(one_store.get(item.pk, item.sk)) == replace(
        item, attributes={**attributes, "status": "revoked"}, version=3
    )
    run(registry.forget(key_hash))


def test_a_record_of_an_earlier_version_lacks_what_was_added_later(one_store: Store, clock: Clock) -> None:
    registry = KeyRegistry(one_store, clock=clock)
    written = {"id": "key_1", "name": "alice", "hint": "", "created": 5, "status": "active"}
    run(one_store.put(Item("KEY#abc", "META", ItemType.KEY, written), replaces=None))
    assert run(registry.find("abc")) == KeyRecord(id="key_1", name="alice", hint="", created=5)
    run(registry.forget("abc"))


def test_a_name_that_an_unreadable_key_shares_revokes_neither(one_store: Store, clock: Clock) -> None:
    registry = KeyRegistry(one_store, clock=clock)
    for key_hash, status in (("abc", "active"), ("def", "paused")):
        written = {"id": f"key_{key_hash}", "name": "alice", "hint": "", "created": 5, "status": status}
        run(one_store.put(Item(f"KEY#{key_hash}", "META", ItemType.KEY, written), replaces=None))
    with pytest.raises(AmbiguousNameError, match="key_abc, key_def"):
        run(registry.revoke("alice"))
    for key_hash in ("abc", "def"):
        run(registry.forget(key_hash))


def test_what_lies_beside_a_key_is_no_key(one_store: Store, clock: Clock) -> None:
    registry = KeyRegistry(one_store, clock=clock)
    beside = Item("KEY#abc", "USAGE", ItemType.KEY, {"name": "alice"})
    run(one_store.put(beside, replaces=None))
    assert (run(registry.all()), run(registry.one("alice"))) == ([], None)
    run(one_store.delete(beside.pk, beside.sk))
