"""Learned traits in every kind of store."""

from __future__ import annotations

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.learning.trait_records import TraitRecord, TraitRecords, records_of
from gateway.learning.trait_table import KEEP_SECONDS, MOST_MODELS, TraitTable
from gateway.storage.protocol import Item, ItemType, Store
from translator.learned_traits import LearnedTrait

from tests.loop import run
from tests.unit.gateway.clocks import Clock

SMALL = LearnedTrait("max_output_tokens", 4096)
NO_TOP_P = LearnedTrait("refused_fields", ("top_p",))
ONE, TWO = "openai/gpt-5", "openrouter/some/model#free"
NOW = 1000.0
ENDS = 1000 + KEEP_SECONDS


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def table(store: Store, clock: Clock) -> TraitTable:
    return TraitTable(store, clock=clock)


def records(key_id: str, *learned: LearnedTrait, ends: int = ENDS) -> list[TraitRecord]:
    return records_of(learned, key_id, ends=ends, is_certain=False)


def test_what_a_model_has_taught_is_found_under_it_alone(table: TraitTable) -> None:
    run(table.add(ONE, "a", records("a", SMALL, NO_TOP_P)))
    run(table.add(ONE, "b", records("b", SMALL)))
    run(table.add(TWO, "a", records("a", NO_TOP_P)))
    one = TraitRecords().learn(records("a", SMALL, NO_TOP_P)).learn(records("b", SMALL))
    two = TraitRecords().learn(records("a", NO_TOP_P))
    assert (run(table.of(ONE)), run(table.of(TWO)), run(table.of("openai/gpt"))) == (one, two, TraitRecords())
    assert run(table.all()) == {ONE: one, TWO: two}


def test_the_newest_word_is_kept(table: TraitTable) -> None:
    run(table.add(ONE, "a", records("a", SMALL)))
    run(table.add(ONE, "a", records("a", LearnedTrait("max_output_tokens", 2048), ends=ENDS + 1)))
    assert run(table.of(ONE)) == TraitRecords().learn(
        records("a", LearnedTrait("max_output_tokens", 2048), ends=ENDS + 1)
    )


def test_what_is_hostile_in_the_store_is_ignored(table: TraitTable, store: Store) -> None:
    honest = {"trait": "images", "value": False, "key": "a", "certain": False}
    items = [
        Item("TRAITS#openai#gpt-5", "images#a", ItemType.TRAITS, {**honest, "value": "no images"}, ttl=ENDS),
        Item("TRAITS#openai#gpt-5", "images#b", ItemType.TRAITS, honest, ttl=ENDS),
        Item("TRAITS#openai#gpt-5", "pdf#a", ItemType.TRAITS, honest, ttl=ENDS),
        Item("TRAITS#openai#gpt-5", "META", ItemType.TRAITS, {"images": False}, ttl=ENDS),
        Item("TRAITS#openai#gpt-5", "images#c", ItemType.TRAITS, {**honest, "key": "c"}, ttl=10**15),
        Item("TRAITS#openai#gpt-5", "images#d", ItemType.TRAITS, {**honest, "key": "d"}),
        Item("TRAITS##a", "META", ItemType.TRAITS, {"models": "openai/gpt-5"}, ttl=ENDS),
        Item("TRAITS#", "images#a", ItemType.TRAITS, honest, ttl=ENDS),
    ]
    for item in items:
        run(store.put(item, replaces=None))
    assert (run(table.of(ONE)), run(table.all())) == (TraitRecords(), {ONE: TraitRecords()})
    run(table.add(ONE, "a", records("a", SMALL)))
    assert run(table.of(ONE)) == TraitRecords().learn(records("a", SMALL))


def test_a_key_teaches_only_so_many_models_a_day(table: TraitTable, clock: Clock, store: Store) -> None:
    for number in range(MOST_MODELS + 3):
        run(table.add(f"openai/{number}", "a", records("a", SMALL)))
    run(table.add("openai/0", "a", records("a", NO_TOP_P)))
    run(table.add("openai/another", "b", records("b", SMALL)))
    assert set(run(table.all())) == {*(f"openai/{number}" for number in range(MOST_MODELS)), "openai/another"}
    assert run(table.of("openai/0")) == TraitRecords().learn(records("a", SMALL, NO_TOP_P))
    clock.now += KEEP_SECONDS
    run(table.add("openai/tomorrow", "a", records("a", SMALL, ends=ENDS + KEEP_SECONDS)))
    index = run(store.get("TRAITS##a", "META"))
    assert index is not None
    assert index.attributes == {"key": "a", "models": ["openai/tomorrow"]}


@pytest.mark.parametrize(
    ("model", "key_id", "forgotten", "left"),
    [
        (ONE, None, 3, {TWO: "a"}),
        (None, "a", 3, {ONE: "b"}),
        (ONE, "a", 2, {ONE: "b", TWO: "a"}),
        (None, None, 4, {}),
        ("openai/gpt", None, 0, {ONE: "ab", TWO: "a"}),
        (None, "stranger", 0, {ONE: "ab", TWO: "a"}),
    ],
)
def test_what_is_forgotten(
    model: str | None, key_id: str | None, forgotten: int, left: dict[str, str], table: TraitTable, store: Store
) -> None:
    run(KeyRegistry(store, clock=lambda: NOW).create("a key that stays"))
    run(table.add(ONE, "a", records("a", SMALL, NO_TOP_P)))
    run(table.add(ONE, "b", records("b", SMALL)))
    run(table.add(TWO, "a", records("a", NO_TOP_P)))
    assert run(table.forget(model=model, key_id=key_id)) == forgotten
    keys = {model: {key for _, key in traits.by_name_and_key} for model, traits in run(table.all()).items()}
    assert keys == {model: set(ids) for model, ids in left.items()}
    assert (run(store.get("TRAITS##a", "META")) is None) == (model is None and key_id in ("a", None))
    assert len(run(KeyRegistry(store, clock=lambda: NOW).all())) == 1


def test_nothing_is_left_of_a_key_that_is_forgotten(table: TraitTable, store: Store) -> None:
    run(table.add(ONE, "a", records("a", SMALL)))
    run(table.forget(key_id="a"))
    assert run(store.scan(ItemType.TRAITS)) == []
