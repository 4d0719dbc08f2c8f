"""What one environment knows of all places: what an outcome speaks against, who probes, what others have told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gateway.choice import health as health_module
from gateway.choice.circuit import Circuit
from gateway.choice.health import Health, Pace, Standing
from gateway.choice.places import Place, is_hopeless, places
from gateway.routing.key_pool import Secret
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome

from tests.unit.gateway.fakes import candidate

NOW = 1_800_000_000.0
ONE = candidate("one", "model")
OTHER_MODEL = candidate("one", "another")
OTHER_KEY = replace(ONE, provider=replace(ONE.provider, key=Secret("another key"), key_number=2))
TWO = candidate("two", "model")


def failed(health: Health, outcome: Outcome, who: Candidate = ONE, times: int = 3, now: float = NOW) -> None:
    for number in range(times):
        health.ended(who, outcome, key_id=f"key_{number}", now=now)


def open_ones(health: Health, now: float = NOW) -> list[Candidate]:
    return [who for who in (ONE, OTHER_KEY, OTHER_MODEL, TWO) if health.standing(who, now).state == "open"]


@pytest.mark.parametrize(
    ("outcome", "spoken_against"),
    [
        ("rate_limited", [ONE]),
        ("account_refused", [ONE]),
        ("overloaded", [ONE, OTHER_KEY]),
        ("timeout", [ONE, OTHER_KEY]),
        ("upstream_error", [ONE, OTHER_KEY]),
        ("broke_off", [ONE, OTHER_KEY]),
        ("unreachable", [ONE, OTHER_KEY, OTHER_MODEL]),
        ("not_found", []),
        ("caller_error", []),
        ("correctable", []),
        ("cancelled", []),
        ("gateway_error", []),
        ("answered", []),
    ],
)
def test_what_an_outcome_speaks_against(outcome: Outcome, spoken_against: list[Candidate]) -> None:
    health = Health()
    failed(health, outcome)
    assert open_ones(health) == spoken_against
    assert health.standing(ONE, NOW).reason == (outcome if spoken_against else "answered")


def test_one_limit_is_enough_and_one_overload_is_not() -> None:
    health = Health()
    assert health.ended(ONE, "overloaded", key_id="key", now=NOW) == []
    assert health.ended(ONE, "rate_limited", key_id="key", now=NOW, retry_after=9) == [places(ONE)[2]]
    assert health.standing(ONE, NOW) == Standing("open", NOW + 9, "rate_limited")


def test_the_longest_pause_is_how_a_candidate_stands() -> None:
    health = Health()
    failed(health, "overloaded")
    health.ended(ONE, "account_refused", key_id="key", now=NOW)
    assert health.standing(ONE, NOW) == Standing("open", NOW + 60, "account_refused")
    assert health.standing(ONE, NOW + 20) == Standing("open", NOW + 60, "account_refused")
    assert health.standing(OTHER_KEY, NOW + 20) == Standing("half_open", NOW + 10, "overloaded")


def test_one_request_is_the_probe_and_its_answer_lets_all_others_in() -> None:
    health = Health()
    failed(health, "overloaded")
    assert not health.probe(ONE, NOW)
    assert [health.probe(ONE, NOW + 10), health.probe(OTHER_KEY, NOW + 10)] == [True, False]
    assert health.ended(ONE, "answered", key_id="key", now=NOW + 11) == [places(ONE)[1]]
    assert [health.probe(ONE, NOW + 11), health.probe(OTHER_KEY, NOW + 11)] == [True, True]
    assert health.standing(ONE, NOW + 11) == Standing()


def test_a_probe_whose_caller_hangs_up_leaves_room_for_another() -> None:
    health = Health()
    failed(health, "overloaded")
    health.probe(ONE, NOW + 10)
    assert health.ended(ONE, "cancelled", key_id="key", now=NOW + 11) == []
    assert health.probe(ONE, NOW + 11)


def test_a_refusal_of_the_callers_request_shows_that_the_upstream_is_there() -> None:
    health = Health()
    failed(health, "overloaded")
    health.probe(ONE, NOW + 10)
    health.ended(ONE, "caller_error", key_id="key", now=NOW + 11)
    assert health.standing(ONE, NOW + 11) == Standing()


def test_callers_who_make_up_models_leave_no_trace() -> None:
    health = Health()
    for number in range(50):
        for outcome in ("not_found", "caller_error", "correctable"):
            health.ended(candidate("one", f"model-{number}"), outcome, key_id="key", now=NOW)
    assert health.circuits == {}


def test_so_many_places_are_remembered_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "MOST_PLACES", 2)
    health = Health()
    for who in (ONE, TWO, OTHER_MODEL):
        failed(health, "rate_limited", who)
        health.note_pace(who, first_event=1, tokens_a_second=1)
    assert open_ones(health) == [OTHER_MODEL, TWO]
    assert [health.pace(who) is None for who in (ONE, TWO, OTHER_MODEL)] == [True, False, False]


def test_of_what_others_have_told_the_newest_word_counts() -> None:
    health = Health()
    opened = Circuit(open_until=NOW + 30, pause=10, reason="timeout", at=NOW - 1)
    health.hear({places(ONE)[1]: opened})
    assert open_ones(health) == [ONE, OTHER_KEY]
    health.hear({places(ONE)[1]: Circuit(at=NOW - 2)})
    health.hear({})
    assert open_ones(health) == [ONE, OTHER_KEY]
    health.hear({places(ONE)[1]: Circuit(at=NOW)})  # somebody's probe was answered
    assert open_ones(health) == []
    health.ended(ONE, "answered", key_id="key", now=NOW + 1)
    health.hear({places(ONE)[1]: replace(opened, at=NOW)})  # this environment has had an answer since
    assert open_ones(health) == []


def test_answers_that_break_off_set_a_model_aside_where_each_had_begun() -> None:
    health = Health()
    for number in range(20):
        health.ended(ONE, "answered", key_id=f"key_{number}", now=NOW)
    health.ended_whole(ONE)
    for number in range(3):
        health.ended(ONE, "answered", key_id=f"key_{number}", now=NOW)
        health.ended(ONE, "broke_off", key_id=f"key_{number}", now=NOW)
    assert open_ones(health) == [ONE, OTHER_KEY]
    health.ended_whole(ONE)
    assert health.circuits[places(ONE)[1]].in_a_row == 0
    health.ended_whole(TWO)
    assert places(TWO)[1] not in health.circuits


def test_a_pace_follows_the_last_answers() -> None:
    health = Health()
    assert health.pace(ONE) is None
    health.note_pace(ONE, first_event=1.0, tokens_a_second=0.0)
    assert health.pace(OTHER_KEY) == Pace(1.0, 0.0)
    health.note_pace(ONE, first_event=2.0, tokens_a_second=100.0)
    assert health.pace(ONE) == Pace(1.2, 100.0)
    health.note_pace(ONE, first_event=1.2, tokens_a_second=0.0)
    assert health.pace(ONE) == Pace(1.2, 100.0)
    health.note_pace(ONE, first_event=1.2, tokens_a_second=50.0)
    assert health.pace(ONE) == Pace(1.2, 90.0)


@pytest.mark.parametrize(
    ("outcome", "hopeless"),
    [
        ("unreachable", [OTHER_KEY, OTHER_MODEL]),
        ("overloaded", [OTHER_KEY]),
        ("upstream_error", [OTHER_KEY]),
        ("rate_limited", []),
        ("account_refused", []),
        ("not_found", []),
    ],
)
def test_who_is_not_worth_asking_after_another_has_failed(outcome: Outcome, hopeless: list[Candidate]) -> None:
    assert [who for who in (OTHER_KEY, OTHER_MODEL, TWO) if is_hopeless(who, ONE, outcome)] == hopeless


def test_a_place_shows_no_key() -> None:
    assert places(ONE)[2] == Place("one", "model", places(ONE)[2].key)
    assert "key-of-one" not in repr(places(ONE))
    assert len(places(ONE)[2].key) == 8
    nobody = replace(ONE, provider=replace(ONE.provider, key=None))
    assert places(nobody)[2] != places(ONE)[2]
