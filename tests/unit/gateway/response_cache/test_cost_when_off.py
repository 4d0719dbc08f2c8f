"""What the response cache costs requests for which it is off: next to nothing, counted in calls.

A count is the same on every machine. `tests/unit/test_calls.py` holds the ceilings of whole requests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from gateway.response_cache.cache import ResponseCache
from gateway.response_cache.cached_answers import CachedAnswers
from gateway.routing.route_rules import CacheRule

from tests.bench.calls import WARM, counted
from tests.unit.gateway.fakes import Harness, fine, receive

MOST_CALLS = 5
"""Whose key it is, and that it is none of the cache's."""


TIMES = 6
"""The fewest calls of so many requests count: to collect the garbage of other tests takes calls too."""


def of_others() -> ResponseCache:
    """A cache that is on for other keys only."""

    def open_table() -> CachedAnswers:
        raise AssertionError("it is off")

    return ResponseCache(CacheRule(ttl_seconds=60, keys=("evals",)), open_table, log=lambda *_: None)


def request(cache: ResponseCache | None, *, stream: bool) -> Callable[[], object]:
    """A request of a function that is warm."""
    harness = Harness([fine() for _ in range(WARM + TIMES)], providers=["one"], cache=cache)
    for _ in range(WARM):
        receive(harness.handle(stream=stream))
    return lambda: receive(harness.handle(stream=stream))


def calls_into_the_cache(work: Callable[[], object]) -> list[str]:
    """The functions of its room that some work calls."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and "/layers/gateway/gateway/response_cache/" in frame.f_code.co_filename.replace("\\", "/"):
            called.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize("stream", [False, True])
def test_where_there_is_no_cache_none_of_its_code_runs(*, stream: bool) -> None:
    assert calls_into_the_cache(request(None, stream=stream)) == []


@pytest.mark.parametrize("stream", [False, True])
def test_where_it_is_on_for_others_a_request_makes_a_handful_of_calls_more(*, stream: bool) -> None:
    without, with_cache = request(None, stream=stream), request(of_others(), stream=stream)
    assert calls_into_the_cache(request(of_others(), stream=stream)) == ["is_on"]
    fewest = [min(counted(work) for _ in range(TIMES)) for work in (without, with_cache)]
    assert 0 <= fewest[1] - fewest[0] <= MOST_CALLS
