"""A number that is worked out once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest
from gateway.answering.lazy_count import Counted


def test_it_is_worked_out_when_it_is_asked_for_and_once() -> None:
    asked: list[int] = []

    def count() -> int:
        sleep(0.01)
        asked.append(1)
        return 7

    counted = Counted(count, guessed_most=9)
    assert (asked, counted.guessed_most) == ([], 9)
    together = Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        numbers = threads.map(lambda _: (together.wait(), int(counted))[1], range(4))
        assert list(numbers) == [7] * 4
    assert asked == [1]


def test_what_goes_wrong_is_told_to_whoever_asks() -> None:
    def count() -> int:
        raise RuntimeError("no vocabulary")

    with pytest.raises(RuntimeError):
        int(Counted(count, guessed_most=9))
