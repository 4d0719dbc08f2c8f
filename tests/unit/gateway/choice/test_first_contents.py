"""How long candidates take to their first content: what 95 of 100 take, and when too little is known."""

from __future__ import annotations

import pytest
from gateway.choice.first_contents import (
    HALF_LIFE,
    LEAST_SAMPLES,
    LEAST_SECONDS,
    MOST_KINDS,
    MOST_SAMPLES,
    FirstContents,
    Kind,
    RouteHedge,
)

from tests.unit.gateway.fakes import candidate

ONE = Kind("quick", "one/model", is_stream=True)
NOW = 1_000.0


def known(*seconds: float, at: float = NOW) -> FirstContents:
    contents = FirstContents()
    for each in seconds:
        contents.note(ONE, each, at)
    return contents


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ([], None),
        ([5.0] * (int(LEAST_SAMPLES) - 1), None),
        ([5.0] * int(LEAST_SAMPLES), 5.0),
        ([0.1] * 50, LEAST_SECONDS),
        ([2.0] * 95 + [30.0] * 5, 2.0),
        ([2.0] * 94 + [30.0] * 6, 30.0),
        ([float(number) for number in range(1, 101)], 95.0),
        ([9.0] * MOST_SAMPLES + [3.0] * MOST_SAMPLES, 3.0),
    ],
)
def test_what_95_of_100_take(seconds: list[float], told: float | None) -> None:
    assert known(*seconds).slow_after(ONE, NOW) == told


def test_old_times_count_less_and_then_too_little() -> None:
    contents = known(*[30.0] * 40)
    for _ in range(40):
        contents.note(ONE, 2.0, NOW + 4 * HALF_LIFE)
    assert contents.slow_after(ONE, NOW) == 30.0
    assert known(*[30.0] * 40).slow_after(ONE, NOW + HALF_LIFE) == 30.0
    assert known(*[30.0] * 40).slow_after(ONE, NOW + 1.1 * HALF_LIFE) is None
    assert contents.slow_after(ONE, NOW + 4 * HALF_LIFE) == 30.0
    for _ in range(20):
        contents.note(ONE, 2.0, NOW + 4 * HALF_LIFE)
    assert contents.slow_after(ONE, NOW + 4 * HALF_LIFE) == 2.0


def test_routes_candidates_and_forms_are_apart() -> None:
    contents = known(*[5.0] * 20)
    now = lambda: NOW  # noqa: E731
    one = candidate("one", "model")
    assert RouteHedge(contents, "quick", is_stream=True, clock=now).after(one) == 5.0
    assert RouteHedge(contents, "quick", is_stream=False, clock=now).after(one) is None
    assert RouteHedge(contents, "other", is_stream=True, clock=now).after(one) is None
    assert RouteHedge(contents, "quick", is_stream=True, clock=now).after(candidate("two", "model")) is None


def test_no_more_is_kept_than_fits() -> None:
    contents = known(5.0)
    for number in range(MOST_KINDS):
        contents.note(Kind("quick", f"{number}/model", is_stream=True), 1.0, NOW)
    assert len(contents.samples) == MOST_KINDS
    assert ONE not in contents.samples
