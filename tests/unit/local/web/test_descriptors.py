from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from edgeway.local.web import descriptors

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_many_in_use_are_told_once_each_time() -> None:
    counts: Iterator[int] = iter([10, 81, 90, 80, 85])
    said: list[str] = []
    with pytest.raises(RuntimeError):  # StopIteration within a coroutine: there is no further count
        await asyncio.wait_for(descriptors.watch(said.append, lambda: next(counts), 100, 0), 5)
    advice = "raise the limit (ulimit -n), or add processes"
    assert said == [
        f"81 of 100 file descriptors are in use: {advice}",
        f"85 of 100 file descriptors are in use: {advice}",
    ]


def test_those_of_this_process_are_counted(tmp_path: object) -> None:
    before = descriptors.in_use()
    with open("/dev/null"):  # noqa: PTH123
        assert descriptors.in_use() == before + 1
    assert descriptors.limit() >= before
