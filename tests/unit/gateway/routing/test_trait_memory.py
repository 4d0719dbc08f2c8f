"""What is learnt is known at once here, and soon elsewhere; and no trouble of the store's stops a request."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from gateway.routing.trait_memory import READ_SECONDS, TraitMemory, open_memory
from gateway.routing.trait_table import KEEP_SECONDS
from gateway.settings import read_settings
from gateway.storage.open import open_store
from gateway.storage.protocol import Item, ItemType
from translator.anthropic.errors import invalid_request
from translator.learned_traits import CorrectableError, LearnedTrait
from translator.traits import Traits

from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import candidate
from tests.unit.gateway.memories import Environments, Inline
from tests.unit.gateway.stores import KINDS, STORES

ONE = candidate("one", "some/model")
NO_TOP_P = LearnedTrait("refused_fields", ("top_p",))
NO_TEMPERATURE = LearnedTrait("refused_fields", ("temperature",))
SMALL = LearnedTrait("max_output_tokens", 4096)
PARTITION = "TRAITS#one#some/model"
KEY = "key_1"


def taught(*learned: LearnedTrait, lasts: bool = True, is_certain: bool = False) -> CorrectableError:
    return CorrectableError(invalid_request("refused"), learned, lasts=lasts, is_certain=is_certain)


@pytest.fixture
def environments() -> Environments:
    return Environments()


def test_nothing_is_corrected_of_which_nothing_is_learnt(environments: Environments) -> None:
    assert environments.start().correct(ONE, KEY) == Traits()


@pytest.mark.failure_mode(35)
def test_what_is_learnt_is_known_at_once_and_only_of_that_model(environments: Environments) -> None:
    memory = environments.start()
    memory.learn(ONE, KEY, taught(NO_TOP_P))
    memory.learn(ONE, KEY, taught(NO_TEMPERATURE, SMALL))
    expected = Traits(fields=frozenset({"stream_options"}), max_output_tokens=4096)
    assert memory.correct(ONE, KEY) == expected
    assert memory.correct(candidate("one", "other"), KEY) == Traits()
    assert memory.correct(candidate("two", "some/model"), KEY) == Traits()
    assert environments.lines == [
        ("learnt", {"model": "one/some/model", "traits": {"refused_fields": ["top_p"]}}),
        (
            "learnt",
            {"model": "one/some/model", "traits": {"max_output_tokens": 4096, "refused_fields": ["temperature"]}},
        ),
    ]


def test_what_does_not_last_is_not_kept(environments: Environments) -> None:
    environments.start().learn(ONE, KEY, taught(NO_TOP_P, lasts=False))
    assert (environments.table.items, environments.lines) == ({}, [])


@pytest.mark.failure_mode(35)
def test_another_environment_knows_it_within_ten_seconds(environments: Environments) -> None:
    here, there = environments.start(), environments.start()
    assert there.correct(ONE, KEY) == Traits()
    here.learn(ONE, KEY, taught(SMALL))
    environments.clock.now += 9.9
    assert there.correct(ONE, KEY) == Traits()
    environments.clock.now += 0.1
    assert there.correct(ONE, KEY) == Traits(max_output_tokens=4096)
    assert environments.start().correct(ONE, KEY) == Traits(max_output_tokens=4096)


def test_the_store_is_read_at_most_every_ten_seconds(environments: Environments) -> None:
    memory = environments.start()
    for _ in range(100):
        memory.correct(ONE, KEY)
        environments.clock.now += 0.25
    assert environments.table.reads == [PARTITION] * 3


def test_a_clock_that_is_set_back_keeps_nothing_for_long(environments: Environments) -> None:
    memory = environments.start()
    memory.correct(ONE, KEY)
    environments.clock.now -= 3600
    memory.correct(ONE, KEY)
    assert len(environments.table.reads) == 2


def test_what_is_stored(environments: Environments) -> None:
    environments.start().learn(ONE, KEY, taught(NO_TOP_P, SMALL))
    environments.start().learn(ONE, KEY, taught(SMALL, is_certain=True))
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
    memory.learn(ONE, KEY, taught(SMALL))
    environments.clock.now += KEEP_SECONDS
    assert memory.correct(ONE, KEY) == Traits()
    memory.learn(ONE, KEY, taught(NO_TOP_P))
    assert memory.correct(ONE, KEY) == Traits(fields=frozenset({"temperature", "stream_options"}))


def test_another_writer_is_not_overwritten(environments: Environments) -> None:
    environments.start().learn(ONE, KEY, taught(SMALL))
    environments.table.conflicts = 1
    environments.start().learn(ONE, KEY, taught(NO_TOP_P))
    expected = Traits(fields=frozenset({"temperature", "stream_options"}), max_output_tokens=4096)
    assert environments.start().correct(ONE, KEY) == expected


@pytest.mark.failure_mode(35)
def test_what_one_key_has_met_holds_for_no_other_until_three_have(environments: Environments) -> None:
    here, there = environments.start(), environments.start()
    for key_id in ("key_1", "key_2", "key_3"):
        assert [each.correct(ONE, "key_4") for each in (here, there)] == [Traits(), Traits()]
        here.learn(ONE, key_id, taught(SMALL))
        environments.clock.now += READ_SECONDS
    small = Traits(max_output_tokens=4096)
    assert [each.correct(ONE, "key_4") for each in (here, there)] == [small, small]


def test_one_key_that_meets_it_in_many_environments_is_one_key(environments: Environments) -> None:
    for _ in range(5):
        environments.start().learn(ONE, KEY, taught(SMALL))
    memory = environments.start()
    assert (memory.correct(ONE, KEY), memory.correct(ONE, "key_2")) == (Traits(max_output_tokens=4096), Traits())


def test_what_is_certain_holds_for_everybody_at_once(environments: Environments) -> None:
    here = environments.start()
    here.learn(ONE, KEY, taught(SMALL, is_certain=True))
    small = Traits(max_output_tokens=4096)
    assert [each.correct(ONE, "key_2") for each in (here, environments.start())] == [small, small]


@pytest.mark.parametrize(
    "failure", [OSError("the table's secret address"), ValueError()], ids=["OSError", "ValueError"]
)
def test_without_the_store_it_is_known_here_all_the_same(environments: Environments, failure: Exception) -> None:
    environments.table.failure = failure
    memory = environments.start()
    assert memory.correct(ONE, KEY) == Traits()
    memory.learn(ONE, KEY, taught(SMALL))
    environments.clock.now += 60
    assert memory.correct(ONE, KEY) == Traits(max_output_tokens=4096)
    troubles = [fields for message, fields in environments.lines if message == "traits not stored"]
    assert troubles == [{"error": type(failure).__name__}] * 3


def test_a_writer_that_always_comes_too_late_gives_up(environments: Environments) -> None:
    environments.table.conflicts = 2
    environments.start().learn(ONE, KEY, taught(SMALL))
    assert environments.lines[-1] == ("traits not stored", {"error": "ConflictError"})


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=1) as executor:
        yield executor


def test_a_slow_store_is_not_waited_for_and_its_word_counts_when_it_comes(
    environments: Environments, thread: ThreadPoolExecutor
) -> None:
    environments.start().learn(ONE, KEY, taught(SMALL))
    held = Event()
    thread.submit(held.wait, 60)
    memory = environments.start(thread)
    assert memory.correct(ONE, KEY) == Traits()
    held.set()
    thread.submit(int).result(60)
    assert memory.correct(ONE, KEY) == Traits(max_output_tokens=4096)


def test_a_read_that_was_under_way_does_not_undo_what_is_learnt_meanwhile(
    environments: Environments, thread: ThreadPoolExecutor
) -> None:
    held = Event()
    thread.submit(held.wait, 60)
    memory = environments.start(thread)
    memory.correct(ONE, KEY)
    memory.learn(ONE, KEY, taught(SMALL))
    held.set()
    thread.submit(int).result(60)
    assert memory.correct(ONE, KEY) == Traits(max_output_tokens=4096)


def test_the_memory_is_bounded(environments: Environments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.routing.trait_memory._CACHE_SIZE", 2)
    memory = environments.start()
    for model in "abc":
        memory.correct(candidate("one", model), KEY)
    assert len(memory._models) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_real_stores_keep_it(kind: str, tmp_path: Any) -> None:
    with STORES[kind](tmp_path) as setting:
        clock = Clock(1000.0)
        settings = read_settings({"EDGEWAY_STORE": setting})
        first = open_memory(settings, clock=clock, log=lambda message, fields: None)
        first.correct(ONE, KEY)
        first.learn(
            ONE, KEY, taught(NO_TOP_P, LearnedTrait("efforts", ("low", "high")), LearnedTrait("reasoning_echo", None))
        )
        first._background.shutdown(wait=True)
        second = TraitMemory(
            lambda: open_store(setting, clock=clock), background=Inline(), clock=clock, log=lambda message, fields: None
        )
        assert second.correct(ONE, KEY) == Traits(
            fields=frozenset({"temperature", "stream_options"}), efforts=("low", "high")
        )
        for memory in (first, second):
            memory._store().close()
