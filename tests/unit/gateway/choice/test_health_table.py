"""Opened circuits in every kind of store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gateway.choice.circuit import Circuit
from gateway.choice.health_table import HealthTable
from gateway.choice.places import Place
from gateway.storage.protocol import ConflictError, Item, ItemType, Store

from tests.loop import run
from tests.unit.gateway.clocks import Clock

NOW = 1000.0
MODEL, KEY, PROVIDER = Place("openai", "some/model#free"), Place("openai", "gpt-5", "abcd1234"), Place("openai")
OPENED = Circuit(open_until=1030, pause=10, reason="overloaded", at=NOW)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def table(store: Store, clock: Clock) -> HealthTable:
    return HealthTable(store, clock=clock)


def test_what_is_opened_is_found_under_its_provider_until_it_closes(table: HealthTable) -> None:
    limited = replace(OPENED, reason="rate_limited", open_until=1050)
    for place, circuit in ((MODEL, OPENED), (KEY, limited), (PROVIDER, OPENED), (Place("groq"), OPENED)):
        run(table.write(place, circuit))
    assert run(table.of("openai")) == {MODEL: OPENED, KEY: limited, PROVIDER: OPENED}
    longer = replace(OPENED, open_until=1090, pause=20)
    run(table.write(MODEL, longer))
    run(table.write(KEY, Circuit()))
    assert run(table.of("openai")) == {MODEL: longer, PROVIDER: OPENED, KEY: replace(Circuit(), at=0)}
    assert run(table.of("open")) == {}


def test_it_is_remembered_for_a_while_after_its_time_has_come(table: HealthTable, clock: Clock) -> None:
    """The next failure then opens it for longer, in whichever environment."""
    run(table.write(MODEL, OPENED))
    clock.now = 1035.0
    assert run(table.of("openai"))[MODEL].state(clock.now) == "half_open"
    clock.now = 1101.0
    assert run(table.of("openai")) == {}


@pytest.mark.parametrize(
    ("sort_key", "changes", "ttl"),
    [
        ("no-hash", {}, 2000),
        ("#gpt-5", {"changed": 9000}, 2000),
        ("#gpt-5", {"changed": "now"}, 2000),
        ("#gpt-5", {"reason": "made up"}, 2000),
        ("#gpt-5", {"open_until": "1030"}, 2000),
        ("#gpt-5", {"open_until": None}, 2000),
        ("#gpt-5", {"open_until": 1000 + 3601}, 9000),
        ("#gpt-5", {"pause": True}, 2000),
        ("#gpt-5", {"pause": -1}, 2000),
        ("#gpt-5", {}, None),
        ("#gpt-5", {}, 1000),
    ],
)
def test_what_is_not_written_by_us_sets_nobody_aside(
    table: HealthTable, store: Store, sort_key: str, changes: dict[str, object], ttl: int | None
) -> None:
    honest = {"open_until": 1030, "pause": 10, "reason": "overloaded", "changed": 1000}
    run(store.put(Item("HEALTH#openai", sort_key, ItemType.HEALTH, {**honest, **changes}, ttl=ttl), replaces=None))
    run(store.put(Item("HEALTH#openai", "#o3", ItemType.HEALTH, honest, ttl=2000), replaces=None))
    assert run(table.of("openai")) == {Place("openai", "o3"): OPENED}


def test_where_another_environment_is_quicker_its_word_stands(store: Store, clock: Clock) -> None:
    class Raced:
        """Another has written between this one's read and its write."""

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def put(self, item: Item, *, replaces: int | None) -> None:
            raise ConflictError("raced")

    run(HealthTable(store, clock=clock).write(MODEL, OPENED))
    run(HealthTable(Raced(), clock=clock).write(MODEL, replace(OPENED, open_until=1040)))  # type: ignore[arg-type] # a store
    assert run(HealthTable(store, clock=clock).of("openai")) == {MODEL: OPENED}
