"""A count that no answer waits for."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from gateway.answering import lazy_count
from gateway.answering.lazy_count import LazyCount, ToldCount

from tests.loop import run

LONG = lazy_count.LEAST_COUNTED


def lazy(asked: list[int], estimate: int = LONG) -> LazyCount:
    def count() -> int:
        asked.append(1)
        return 7

    return LazyCount(count, guessed_most=9, estimate=estimate)


async def meanwhile(counted: LazyCount, seconds: float) -> None:
    """What it is counted beside."""
    with counted.counting():
        await asyncio.sleep(seconds)


def test_it_is_counted_when_it_is_asked_for_and_once() -> None:
    asked: list[int] = []
    counted = lazy(asked)
    assert (asked, counted.guessed_most, int(ToldCount(counted))) == ([], 9, LONG)
    assert [int(counted), run(counted.counted()), int(counted), int(ToldCount(counted))] == [7] * 4
    assert asked == [1]


@pytest.mark.parametrize(
    ("estimate", "seconds", "told"),
    [(LONG, 0.1, 7), (LONG, 0.0, LONG), (LONG - 1, 0.1, LONG - 1)],
    ids=["a long prompt, slowly answered", "answered at once", "a short prompt"],
)
def test_what_is_counted_beside_the_upstreams_work(
    estimate: int, seconds: float, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazy_count, "COUNT_AFTER_SECONDS", 0.001 if seconds else 600)
    counted = lazy([], estimate)
    run(meanwhile(counted, seconds))
    assert [int(ToldCount(counted)), int(counted)] == [told] * 2


def test_what_goes_wrong_is_told_to_whoever_needs_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_count, "COUNT_AFTER_SECONDS", 0.001)

    def count() -> int:
        raise RuntimeError("no vocabulary")

    async def needed(counted: LazyCount) -> None:
        with counted.counting():
            await asyncio.sleep(0.1)
            await counted.counted()

    counted = LazyCount(count, guessed_most=9, estimate=LONG)
    with pytest.raises(RuntimeError):
        run(needed(counted))
    assert int(ToldCount(counted)) == LONG


@pytest.mark.parametrize("is_counted", [True, False])
def test_the_texts_are_let_go(is_counted: bool) -> None:
    class Texts:
        def count(self) -> int:
            return 7

    texts = Texts()
    held = weakref.ref(texts)
    counted = LazyCount(texts.count, guessed_most=9, estimate=5)
    del texts
    if is_counted:
        assert int(counted) == 7
    else:
        run(meanwhile(counted, 0))
    gc.collect()
    assert held() is None
