"""The breaker of one place, as a value: when it opens, for how long, who probes it, and whose word counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gateway.choice.circuit import HALF_LIFE, LONGEST_RETRY_AFTER, PROBE_SECONDS, Circuit, Failure, Pause

NOW = 1_800_000_000.0
FAILURE = Failure("overloaded", Pause(10, 80), at_once=False, key_id="key_1")
LIMITED = Failure("rate_limited", Pause(5, 60), at_once=True, key_id="key_1")


def failing(times: int, failure: Failure = FAILURE, now: float = NOW) -> Circuit:
    circuit = Circuit()
    for _ in range(times):
        circuit = circuit.failed(failure, now)
    return circuit


def test_three_failures_open_it_and_two_do_not() -> None:
    assert [failing(times).state(NOW) for times in (1, 2, 3)] == ["closed", "closed", "open"]
    opened = failing(3)
    assert (opened.open_until, opened.reason) == (NOW + 10, "overloaded")


def test_failures_that_are_far_apart_do_not_open_it() -> None:
    circuit = Circuit()
    for minute in range(20):
        circuit = circuit.failed(FAILURE, NOW + minute * HALF_LIFE)
    assert circuit.state(NOW + 20 * HALF_LIFE) == "closed"


def test_more_answers_than_failures_keep_it_closed() -> None:
    circuit = Circuit()
    for number in range(30):
        circuit = circuit.answered(NOW).answered(NOW).failed(replace(FAILURE, key_id=f"key_{number}"), NOW)
    assert circuit.state(NOW) == "closed"
    for number in range(40):
        circuit = circuit.failed(replace(FAILURE, key_id=f"key_{number}"), NOW)
    assert circuit.state(NOW) == "open"


def test_answers_long_ago_do_not_outweigh_failures_now() -> None:
    circuit = Circuit()
    for _ in range(100):
        circuit = circuit.answered(NOW)
    later = NOW + 10 * HALF_LIFE
    for _ in range(3):
        circuit = circuit.failed(FAILURE, later)
    assert circuit.state(later) == "open"


def test_one_callers_key_alone_cannot_outweigh_the_answers_of_others() -> None:
    """Its own requests may be what the upstream fails at."""
    circuit = Circuit(answers=4, at=NOW, answered_for="key_2")
    for _ in range(50):
        circuit = circuit.failed(FAILURE, NOW)
    assert circuit.state(NOW) == "closed"
    assert circuit.errors == 3


def busy(*keys: str) -> Circuit:
    """After many answers for these keys."""
    circuit = Circuit()
    for number in range(100):
        circuit = circuit.answered(NOW + number / 100, keys[number % len(keys)])
    return circuit


@pytest.mark.parametrize(
    ("answered", "failed", "state"),
    [
        (["key_1"], ["key_1"] * 2, "closed"),
        (["key_1"], ["key_1"] * 3, "open"),
        (["key_1", "key_2"], ["key_1", "key_2", "key_3"], "open"),
        (["key_1", "key_2"], ["key_1"] * 9, "closed"),
        (["key_2"], ["key_1"] * 9, "closed"),
        (["key_1", "key_2"], ["key_1"] * 3 + ["key_2"], "open"),
    ],
)
def test_three_failures_in_a_row_open_it_however_many_answers_there_were(
    answered: list[str], failed: list[str], state: str
) -> None:
    """Unless all are one caller's, and others were answered: its own requests may be what the upstream fails at."""
    circuit = busy(*answered)
    for key_id in failed:
        circuit = circuit.failed(replace(FAILURE, key_id=key_id), NOW + 2)
    assert circuit.state(NOW + 2) == state


def test_an_answer_or_a_minute_ends_the_row() -> None:
    circuit = busy("key_1").failed(FAILURE, NOW + 2).failed(FAILURE, NOW + 2)
    assert circuit.answered(NOW + 3, "key_1").failed(FAILURE, NOW + 4).state(NOW + 4) == "closed"
    assert circuit.failed(FAILURE, NOW + 2 + HALF_LIFE).state(NOW + 2 + HALF_LIFE) == "closed"


def test_answers_that_break_off_open_it_and_only_a_whole_one_ends_the_row() -> None:
    """Each of them has begun, and counts as an answer until it breaks off."""
    broken = replace(FAILURE, reason="broke_off")
    circuit, pauses, now = busy("key_1"), [], NOW + 2
    for _ in range(6):
        circuit = circuit.answered(now, "key_1").failed(broken, now)
        if circuit.open_until:
            pauses.append(circuit.open_until - now)
            now = circuit.open_until
    assert pauses == [10, 20, 40, 80]
    closed = circuit.answered(now, "key_1").ended_whole()
    assert (closed.state(now), closed.in_a_row, closed.pause) == ("closed", 0, 0.0)
    assert closed.failed(broken, now).state(now) == "closed"
    assert circuit.ended_whole().pause == circuit.pause


def test_after_a_while_or_an_answer_a_keys_word_counts_again() -> None:
    silenced = failing(5, replace(FAILURE, at_once=False), NOW)
    silenced = replace(silenced, open_until=0.0, answers=9.0)
    assert silenced.failed(FAILURE, NOW + 1).errors == silenced.errors
    assert silenced.failed(FAILURE, NOW + HALF_LIFE).errors > silenced.errors / 2
    assert silenced.answered(NOW).failed(FAILURE, NOW).errors == silenced.errors + 1


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(None, 5), (7, 7), (0, 1), (120, 120), (86_400, LONGEST_RETRY_AFTER)]
)
def test_a_limit_opens_it_at_once_until_the_time_that_the_upstream_names(
    retry_after: float | None, seconds: float
) -> None:
    assert failing(1, replace(LIMITED, retry_after=retry_after)).open_until == NOW + seconds


def test_when_its_time_has_come_one_probe_is_let_through() -> None:
    opened = failing(3)
    assert [opened.state(NOW + seconds) for seconds in (9.9, 10)] == ["open", "half_open"]
    probed = opened.probed(NOW + 10)
    assert probed.state(NOW + 11) == "open"
    assert probed.state(NOW + 10 + PROBE_SECONDS) == "half_open"  # the probe has come to nothing
    assert probed.released().state(NOW + 11) == "half_open"


def test_a_probe_that_is_answered_closes_it() -> None:
    closed = failing(3).probed(NOW + 10).answered(NOW + 11)
    assert (closed.state(NOW + 11), closed.errors, closed.pause) == ("closed", 0.0, 0.0)


def test_a_probe_that_fails_opens_it_for_longer_each_time() -> None:
    circuit, now, pauses = failing(3), NOW, []
    for _ in range(5):
        now = circuit.open_until
        circuit = circuit.probed(now).failed(FAILURE, now + 1)
        pauses.append(circuit.open_until - now - 1)
    assert pauses == [20, 40, 80, 80, 80]


def test_who_asks_although_it_is_open_only_moves_the_time_that_the_upstream_names() -> None:
    opened = failing(3)
    assert opened.failed(FAILURE, NOW + 1) == opened
    assert opened.failed(replace(FAILURE, retry_after=60), NOW + 1).open_until == NOW + 61
    assert opened.failed(replace(FAILURE, retry_after=2), NOW + 1).open_until == NOW + 10
