"""A count that no answer waits for."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from gateway.answering import lazy_count
from gateway.answering.lazy_count import LazyCount, ToldCount

from tests.loop import run


def counting(asked: list[int]) -> LazyCount:
    def count() -> int:
        asked.append(1)
        return 7

    return LazyCount(count, guessed_most=9, estimate=5)


def test_it_is_counted_when_it_is_asked_for_and_once() -> None:
    asked: list[int] = []
    counted = counting(asked)
    assert (asked, counted.guessed_most, int(ToldCount(counted))) == ([], 9, 5)
    assert [int(counted), run(counted.counted()), int(counted), int(ToldCount(counted))] == [7] * 4
    assert asked == [1]


@pytest.mark.parametrize(("cancelled", "told"), [(False, 7), (True, 5)])
def test_it_is_counted_beside_the_upstreams_work(cancelled: bool, told: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_count, "COUNT_AFTER_SECONDS", 0.001)
    counted = counting([])

    async def wait() -> None:
        soon = counted.count_soon()
        if cancelled:
            soon.cancel()
        await asyncio.sleep(0.05)

    run(wait())
    assert int(ToldCount(counted)) == told


def test_what_goes_wrong_is_told_to_whoever_needs_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_count, "COUNT_AFTER_SECONDS", 0.001)

    def count() -> int:
        raise RuntimeError("no vocabulary")

    counted = LazyCount(count, guessed_most=9, estimate=5)

    async def wait() -> None:
        counted.count_soon()
        await asyncio.sleep(0.05)

    run(wait())
    assert int(ToldCount(counted)) == 5
    with pytest.raises(RuntimeError):
        run(counted.counted())


def test_the_texts_are_let_go_once_they_are_counted() -> None:
    class Texts:
        def count(self) -> int:
            return 7

    texts = Texts()
    held = weakref.ref(texts)
    counted = LazyCount(texts.count, guessed_most=9, estimate=5)
    del texts
    assert int(counted) == 7
    gc.collect()
    assert held() is None
