"""What is learnt is known at once here, and soon elsewhere; and no trouble of the store's stops a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from gateway.quirk_memory import KEEP_SECONDS, QuirkMemory, open_memory
from gateway.settings import read_settings
from gateway.store import ConflictError, Item, ItemType
from gateway.stores import open_store
from translator.quirks import Quirk
from translator.traits import Traits

from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import candidate
from tests.unit.gateway.stores import KINDS, STORES

ONE = candidate("one", "some/model")
NO_TOP_P = Quirk("refused_fields", ("top_p",))
NO_TEMPERATURE = Quirk("refused_fields", ("temperature",))
SMALL = Quirk("max_output_tokens", 4096)
PARTITION = "TRAITS#one#some/model"


class Inline(Executor):
    """Does everything at once."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*arguments, **named))
        return done


@dataclass(slots=True)
class Table:
    """A store in memory that counts its reads, and fails where it is told to."""

    items: dict[str, Item] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    failure: Exception | None = None
    conflicts: int = 0

    def get(self, pk: str, sk: str) -> Item | None:
        assert sk == "META"
        self.reads.append(pk)
        if self.failure:
            raise self.failure
        return self.items.get(pk)

    def put(self, item: Item, *, replaces: int | None) -> None:
        if self.failure:
            raise self.failure
        stored = self.items.get(item.pk)
        if self.conflicts or (stored.version if stored else None) != replaces:
            self.conflicts -= 1
            raise ConflictError(item.pk)
        self.items[item.pk] = item

    def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        raise AssertionError

    def scan(self, item_type: ItemType) -> Sequence[Item]:
        raise AssertionError

    def delete(self, pk: str, sk: str) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


@dataclass(slots=True)
class Environments:
    """Some environments with one store, and what they log."""

    table: Table = field(default_factory=Table)
    clock: Clock = field(default_factory=lambda: Clock(1000.0))
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def start(self, background: Executor | None = None) -> QuirkMemory:
        return QuirkMemory(
            lambda: self.table,
            background=background or Inline(),
            clock=self.clock,
            log=lambda message, fields: self.lines.append((message, fields)),
        )


@pytest.fixture
def environments() -> Environments:
    return Environments()


def test_nothing_is_corrected_of_which_nothing_is_learnt(environments: Environments) -> None:
    assert environments.start().correct(ONE) == Traits()


@pytest.mark.failure_mode(35)
def test_what_is_learnt_is_known_at_once_and_only_of_that_model(environments: Environments) -> None:
    memory = environments.start()
    memory.learn(ONE, (NO_TOP_P,))
    memory.learn(ONE, (NO_TEMPERATURE, SMALL))
    expected = Traits(fields=frozenset({"stream_options"}), max_output_tokens=4096)
    assert memory.correct(ONE) == expected
    assert memory.correct(candidate("one", "other")) == Traits()
    assert memory.correct(candidate("two", "some/model")) == Traits()
    assert environments.lines == [
        ("learnt", {"model": "one/some/model", "quirks": {"refused_fields": ["top_p"]}}),
        (
            "learnt",
            {"model": "one/some/model", "quirks": {"max_output_tokens": 4096, "refused_fields": ["temperature"]}},
        ),
    ]


def test_nothing_is_written_where_nothing_was_learnt(environments: Environments) -> None:
    environments.start().learn(ONE, ())
    assert (environments.table.items, environments.lines) == ({}, [])


@pytest.mark.failure_mode(35)
def test_another_environment_knows_it_within_ten_seconds(environments: Environments) -> None:
    here, there = environments.start(), environments.start()
    assert there.correct(ONE) == Traits()
    here.learn(ONE, (SMALL,))
    environments.clock.now += 9.9
    assert there.correct(ONE) == Traits()
    environments.clock.now += 0.1
    assert there.correct(ONE) == Traits(max_output_tokens=4096)
    assert environments.start().correct(ONE) == Traits(max_output_tokens=4096)


def test_the_store_is_read_at_most_every_ten_seconds(environments: Environments) -> None:
    memory = environments.start()
    for _ in range(100):
        memory.correct(ONE)
        environments.clock.now += 0.25
    assert environments.table.reads == [PARTITION] * 3


def test_a_clock_that_is_set_back_keeps_nothing_for_long(environments: Environments) -> None:
    memory = environments.start()
    memory.correct(ONE)
    environments.clock.now -= 3600
    memory.correct(ONE)
    assert len(environments.table.reads) == 2


def test_what_is_stored(environments: Environments) -> None:
    environments.start().learn(ONE, (NO_TOP_P,))
    environments.start().learn(ONE, (NO_TEMPERATURE,))
    (item,) = environments.table.items.values()
    attributes = {"refused_fields": ["temperature", "top_p"]}
    assert item == Item(PARTITION, "META", ItemType.TRAITS, attributes, version=2, ttl=1000 + KEEP_SECONDS)


def test_what_is_old_is_forgotten(environments: Environments) -> None:
    """Also where the store has not removed it yet."""
    memory = environments.start()
    memory.learn(ONE, (SMALL,))
    environments.clock.now += KEEP_SECONDS
    assert memory.correct(ONE) == Traits()
    memory.learn(ONE, (NO_TOP_P,))
    (item,) = environments.table.items.values()
    assert (item.attributes, item.version) == ({"refused_fields": ["top_p"]}, 2)


def test_another_writer_is_not_overwritten(environments: Environments) -> None:
    environments.start().learn(ONE, (SMALL,))
    environments.table.conflicts = 1
    environments.start().learn(ONE, (NO_TOP_P,))
    (item,) = environments.table.items.values()
    assert item.attributes == {"max_output_tokens": 4096, "refused_fields": ["top_p"]}


@pytest.mark.parametrize(
    "failure", [OSError("the table's secret address"), ValueError()], ids=["OSError", "ValueError"]
)
def test_without_the_store_it_is_known_here_all_the_same(environments: Environments, failure: Exception) -> None:
    environments.table.failure = failure
    memory = environments.start()
    assert memory.correct(ONE) == Traits()
    memory.learn(ONE, (SMALL,))
    environments.clock.now += 60
    assert memory.correct(ONE) == Traits(max_output_tokens=4096)
    troubles = [fields for message, fields in environments.lines if message == "quirks not stored"]
    assert troubles == [{"error": type(failure).__name__}] * 3


def test_a_writer_that_always_comes_too_late_gives_up(environments: Environments) -> None:
    environments.table.conflicts = 2
    environments.start().learn(ONE, (SMALL,))
    assert environments.lines[-1] == ("quirks not stored", {"error": "ConflictError"})


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=1) as executor:
        yield executor


def test_a_slow_store_is_not_waited_for_and_its_word_counts_when_it_comes(
    environments: Environments, thread: ThreadPoolExecutor
) -> None:
    environments.start().learn(ONE, (SMALL,))
    held = Event()
    thread.submit(held.wait, 60)
    memory = environments.start(thread)
    assert memory.correct(ONE) == Traits()
    held.set()
    thread.submit(int).result(60)
    assert memory.correct(ONE) == Traits(max_output_tokens=4096)


def test_a_read_that_was_under_way_does_not_undo_what_is_learnt_meanwhile(
    environments: Environments, thread: ThreadPoolExecutor
) -> None:
    held = Event()
    thread.submit(held.wait, 60)
    memory = environments.start(thread)
    memory.correct(ONE)
    memory.learn(ONE, (SMALL,))
    held.set()
    thread.submit(int).result(60)
    assert memory.correct(ONE) == Traits(max_output_tokens=4096)


def test_the_memory_is_bounded(environments: Environments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.quirk_memory._CACHE_SIZE", 2)
    memory = environments.start()
    for model in "abc":
        memory.correct(candidate("one", model))
    assert len(memory._models) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_real_stores_keep_it(kind: str, tmp_path: Any) -> None:
    with STORES[kind](tmp_path) as setting:
        clock = Clock(1000.0)
        settings = read_settings({"EDGEWAY_STORE": setting})
        first = open_memory(settings, clock=clock, log=lambda message, fields: None)
        first.correct(ONE)
        first.learn(ONE, (NO_TOP_P, Quirk("efforts", ("low", "high")), Quirk("reasoning_echo", None)))
        first._background.shutdown(wait=True)
        second = QuirkMemory(
            lambda: open_store(setting, clock=clock), background=Inline(), clock=clock, log=lambda message, fields: None
        )
        assert second.correct(ONE) == Traits(
            fields=frozenset({"temperature", "stream_options"}), efforts=("low", "high")
        )
        for memory in (first, second):
            memory._store().close()
