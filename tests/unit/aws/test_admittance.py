"""How long a new key is waited for, and when it counts as known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from edgeway.aws.admittance import LIMIT, PAUSE, Admittance, wait_until_known

CASES: dict[str, tuple[Sequence[int], Admittance, int]] = {
    "an old key is asked about once": ([200], Admittance(is_known=True, seconds=0), 0),
    "a wrong one too: that is no matter of time": ([401], Admittance(is_known=True, seconds=0), 0),
    "a new one counts from the second answer in a row": (
        [403, 403, 200, 403, 200, 200],
        Admittance(is_known=True, seconds=5 * PAUSE),
        1,
    ),
    "one that never is": ([403] * 1000, Admittance(is_known=False, seconds=LIMIT), 1),
    "one whose last answer was well": (
        [403] * int(LIMIT / PAUSE) + [200],
        Admittance(is_known=True, seconds=LIMIT),
        1,
    ),
}


@pytest.mark.parametrize(("statuses", "expected", "times_told"), CASES.values(), ids=CASES)
def test_a_key_is_waited_for(statuses: Sequence[int], expected: Admittance, times_told: int) -> None:
    now, told, left = [0.0], [], iter(statuses)

    def pause(seconds: float) -> None:
        now[0] += seconds

    found = wait_until_known(lambda: next(left), clock=lambda: now[0], pause=pause, told=lambda: told.append("waiting"))
    assert (found, len(told)) == (expected, times_told)
