"""What is learnt is known at once here, and soon elsewhere; and no trouble of the store's stops a request."""

from __future__ import annotations

import asyncio
import os
from asyncio import Event
from typing import Any

import pytest
from gateway.learning.trait_memory import READ_SECONDS, TraitMemory, open_memory
from gateway.learning.trait_table import KEEP_SECONDS
from gateway.settings import read_settings
from gateway.storage.protocol import Item, ItemType
from translator.anthropic.errors import invalid_request
from translator.learned_traits import CorrectableError, LearnedTrait
from translator.traits import Traits

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import candidate
from tests.unit.gateway.memories import Environments, learn, stored
from tests.unit.gateway.stores import KINDS, STORES

ONE = candidate("one", "some/model")
NO_TOP_P = LearnedTrait("refused_fields", ("top_p",))
NO_TEMPERATURE = LearnedTrait("refused_fields", ("temperature",))
SMALL = LearnedTrait("max_output_tokens", 4096)
PARTITION = "TRAITS#one#some/model"
KEY = "key_1"
LONG = 30.0
"""Seconds that are never over in a test that succeeds."""


def taught(*learned: LearnedTrait, lasts: bool = True, is_certain: bool = False) -> CorrectableError:
    return CorrectableError(invalid_request("refused"), learned, lasts=lasts, is_certain=is_certain)


@pytest.fixture
def environments() -> Environments:
    return Environments()


def test_nothing_is_corrected_of_which_nothing_is_learnt(environments: Environments) -> None:
    assert run(environments.start().correct(ONE, KEY)) == Traits()


@pytest.mark.failure_mode(35)
def test_what_is_learnt_is_known_at_once_and_only_of_that_model(environments: Environments) -> None:
    memory = environments.start()
    run(learn(memory, ONE, KEY, taught(NO_TOP_P)))
    run(learn(memory, ONE, KEY, taught(NO_TEMPERATURE, SMALL)))
    expected = Traits(fields=frozenset({"stream_options"}), max_output_tokens=4096)
    assert run(memory.correct(ONE, KEY)) == expected
    assert run(memory.correct(candidate("one", "other"), KEY)) == Traits()
    assert run(memory.correct(candidate("two", "some/model"), KEY)) == Traits()
    assert environments.lines == [
        ("learnt", {"model": "one/some/model", "traits": {"refused_fields": ["top_p"]}}),
        (
            "learnt",
            {"model": "one/some/model", "traits": {"max_output_tokens": 4096, "refused_fields": ["temperature"]}},
        ),
    ]


def test_what_does_not_last_is_not_kept(environments: Environments) -> None:
    run(learn(environments.start(), ONE, KEY, taught(NO_TOP_P, lasts=False)))
    assert (environments.table.items, environments.lines) == ({}, [])


@pytest.mark.failure_mode(35)
def test_another_environment_knows_it_within_ten_seconds(environments: Environments) -> None:
    here, there = environments.start(), environments.start()
    assert run(there.correct(ONE, KEY)) == Traits()
    run(learn(here, ONE, KEY, taught(SMALL)))
    environments.clock.now += 9.9
    assert run(there.correct(ONE, KEY)) == Traits()
    environments.clock.now += 0.1
    assert run(there.correct(ONE, KEY)) == Traits(max_output_tokens=4096)
    assert run(environments.start().correct(ONE, KEY)) == Traits(max_output_tokens=4096)


def test_the_store_is_read_at_most_every_ten_seconds(environments: Environments) -> None:
    memory = environments.start()
    for _ in range(100):
        run(memory.correct(ONE, KEY))
        environments.clock.now += 0.25
    assert environments.table.reads == [PARTITION] * 3


def test_a_clock_that_is_set_back_keeps_nothing_for_long(environments: Environments) -> None:
    memory = environments.start()
    run(memory.correct(ONE, KEY))
    environments.clock.now -= 3600
    run(memory.correct(ONE, KEY))
    assert len(environments.table.reads) == 2


def test_what_is_stored(environments: Environments) -> None:
    run(learn(environments.start(), ONE, KEY, taught(NO_TOP_P, SMALL)))
    run(learn(environments.start(), ONE, KEY, taught(SMALL, is_certain=True)))
    known = {
        "refused_fields.top_p#key_1": ({"trait": "refused_fields", "value": ["top_p"], "certain": False}, 1),
        "max_output_tokens#key_1": ({"trait": "max_output_tokens", "value": 4096, "certain": True}, 2),
    }
    ends = 1000 + KEEP_SECONDS
    assert environments.table.items == {
        ("TRAITS##key_1", "META"): Item(
            "TRAITS##key_1", "META", ItemType.TRAITS, {"key": KEY, "models": ["one/some/model"]}, 1, ends
        ),
        **{
            (PARTITION, name): Item(PARTITION, name, ItemType.TRAITS, {**attributes, "key": KEY}, version, ends)
            for name, (attributes, version) in known.items()
        },
    }


def test_what_is_old_is_forgotten(environments: Environments) -> None:
    """Also where the store has not removed it yet."""
    memory = environments.start()
    run(learn(memory, ONE, KEY, taught(SMALL)))
    environments.clock.now += KEEP_SECONDS
    assert run(memory.correct(ONE, KEY)) == Traits()
    run(learn(memory, ONE, KEY, taught(NO_TOP_P)))
    assert run(memory.correct(ONE, KEY)) == Traits(fields=frozenset({"temperature", "stream_options"}))


def test_another_writer_is_not_overwritten(environments: Environments) -> None:
    run(learn(environments.start(), ONE, KEY, taught(SMALL)))
    environments.table.conflicts = 1
    run(learn(environments.start(), ONE, KEY, taught(NO_TOP_P)))
    expected = Traits(fields=frozenset({"temperature", "stream_options"}), max_output_tokens=4096)
    assert run(environments.start().correct(ONE, KEY)) == expected


@pytest.mark.failure_mode(35)
def test_what_one_key_has_met_holds_for_no_other_until_three_have(environments: Environments) -> None:
    here, there = environments.start(), environments.start()
    for key_id in ("key_1", "key_2", "key_3"):
        assert [run(each.correct(ONE, "key_4")) for each in (here, there)] == [Traits(), Traits()]
        run(learn(here, ONE, key_id, taught(SMALL)))
        environments.clock.now += READ_SECONDS
    small = Traits(max_output_tokens=4096)
    assert [run(each.correct(ONE, "key_4")) for each in (here, there)] == [small, small]


def test_one_key_that_meets_it_in_many_environments_is_one_key(environments: Environments) -> None:
    for _ in range(5):
        run(learn(environments.start(), ONE, KEY, taught(SMALL)))
    memory = environments.start()
    assert (run(memory.correct(ONE, KEY)), run(memory.correct(ONE, "key_2"))) == (
        Traits(max_output_tokens=4096),
        Traits(),
    )


def test_what_is_certain_holds_for_everybody_at_once(environments: Environments) -> None:
    here = environments.start()
    run(learn(here, ONE, KEY, taught(SMALL, is_certain=True)))
    small = Traits(max_output_tokens=4096)
    assert [run(each.correct(ONE, "key_2")) for each in (here, environments.start())] == [small, small]


@pytest.mark.parametrize(
    "failure", [OSError("the table's secret address"), ValueError()], ids=["OSError", "ValueError"]
)
def test_without_the_store_it_is_known_here_all_the_same(environments: Environments, failure: Exception) -> None:
    environments.table.failure = failure
    memory = environments.start()
    assert run(memory.correct(ONE, KEY)) == Traits()
    run(learn(memory, ONE, KEY, taught(SMALL)))
    environments.clock.now += 60
    assert run(memory.correct(ONE, KEY)) == Traits(max_output_tokens=4096)
    troubles = [fields for message, fields in environments.lines if message == "traits not stored"]
    assert troubles == [{"error": type(failure).__name__}] * 3


def test_a_writer_that_always_comes_too_late_gives_up(environments: Environments) -> None:
    environments.table.conflicts = 2
    run(learn(environments.start(), ONE, KEY, taught(SMALL)))
    assert environments.lines[-1] == ("traits not stored", {"error": "ConflictError"})


def test_a_slow_store_is_not_waited_for_and_its_word_counts_when_it_comes(environments: Environments) -> None:
    async def slow() -> list[Traits]:
        await learn(environments.start(), ONE, KEY, taught(SMALL))
        environments.table.held = Event()
        memory = environments.start()
        async with asyncio.timeout(LONG):
            before = await memory.correct(ONE, KEY)
        environments.table.held.set()
        await stored(memory)
        return [before, await memory.correct(ONE, KEY)]

    assert run(slow()) == [Traits(), Traits(max_output_tokens=4096)]
    assert environments.table.reads == [PARTITION]


def test_once_one_request_has_waited_for_a_slow_store_no_other_does(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> Traits:
        environments.table.held = Event()
        memory = environments.start()
        await memory.correct(ONE, KEY)
        monkeypatch.setattr("gateway.learning.trait_memory.PATIENCE_SECONDS", LONG * 2)
        async with asyncio.timeout(LONG):
            found = await memory.correct(ONE, KEY)
        environments.table.held.set()
        await stored(memory)
        return found

    assert run(slow()) == Traits()


def test_requests_that_come_together_read_once_and_all_know(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.learning.trait_memory.PATIENCE_SECONDS", LONG)

    async def together() -> list[Traits]:
        await learn(environments.start(), ONE, KEY, taught(SMALL))
        memory = environments.start()
        return await asyncio.gather(*(memory.correct(ONE, KEY) for _ in range(5)))

    assert run(together()) == [Traits(max_output_tokens=4096)] * 5
    assert environments.table.reads == [PARTITION]


def test_what_is_learnt_by_requests_at_once_is_all_stored(environments: Environments) -> None:
    keys = [f"key_{number}" for number in range(3)]

    async def at_once() -> None:
        memory = environments.start()
        for key_id in keys * 6:
            memory.learn(ONE, key_id, taught(SMALL, NO_TOP_P))
        await stored(memory)

    run(at_once())
    assert [message for message, _ in environments.lines] == ["learnt"] * 18
    assert [name for partition, name in sorted(environments.table.items) if partition == PARTITION] == [
        *(f"max_output_tokens#{key_id}" for key_id in keys),
        *(f"refused_fields.top_p#{key_id}" for key_id in keys),
    ]


def test_a_write_outlives_the_request_that_has_taught_it(environments: Environments) -> None:
    async def request(memory: TraitMemory, has_learnt: Event) -> None:
        memory.learn(ONE, KEY, taught(SMALL))
        has_learnt.set()
        await Event().wait()

    async def cancelled() -> None:
        memory, has_learnt = environments.start(), Event()
        environments.table.held = Event()
        task = asyncio.create_task(request(memory, has_learnt))
        await has_learnt.wait()
        task.cancel()
        await asyncio.wait({task})
        environments.table.held.set()
        await stored(memory)

    run(cancelled())
    assert run(environments.start().correct(ONE, KEY)) == Traits(max_output_tokens=4096)


def test_a_read_that_was_under_way_does_not_undo_what_is_learnt_meanwhile(environments: Environments) -> None:
    async def meanwhile() -> Traits:
        environments.table.held = Event()
        memory = environments.start()
        await memory.correct(ONE, KEY)
        memory.learn(ONE, KEY, taught(SMALL))
        environments.table.held.set()
        await stored(memory)
        return await memory.correct(ONE, KEY)

    assert run(meanwhile()) == Traits(max_output_tokens=4096)


def test_the_memory_is_bounded(environments: Environments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.learning.trait_memory._CACHE_SIZE", 2)
    memory = environments.start()
    for model in "abc":
        run(memory.correct(candidate("one", model), KEY))
    assert len(memory._models) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_real_stores_keep_it(kind: str, tmp_path: Any) -> None:
    with STORES[kind](tmp_path) as setting:
        clock = Clock(1000.0)
        settings = read_settings({"EDGEWAY_STORE": setting})
        first, second = (
            open_memory(settings, os.environ, clock=clock, log=lambda message, fields: None) for _ in range(2)
        )
        run(first.correct(ONE, KEY))
        lessons = (NO_TOP_P, LearnedTrait("efforts", ("low", "high")), LearnedTrait("reasoning_echo", None))
        run(learn(first, ONE, KEY, taught(*lessons)))
        run(second.correct(ONE, KEY))  # it may come too late
        run(stored(second))
        assert run(second.correct(ONE, KEY)) == Traits(
            fields=frozenset({"temperature", "stream_options"}), efforts=("low", "high")
        )
        for memory in (first, second):
            run(memory._table())._store.close()
