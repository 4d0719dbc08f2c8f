"""The one thing that an upstream refuses without naming it is found in as many requests as halving takes."""

from hypothesis import given
from hypothesis import strategies as st
from translator.bisection import Bisection, bisect, trial_of
from translator.learned_traits import LearnedTrait
from translator.plain_form import PLAIN, plainest
from translator.traits import EFFORTS, Traits

EVERYTHING = Traits(
    efforts=EFFORTS,
    thinking_toggle="thinking",
    reasoning_with_tools="none",
    reasoning_echo="reasoning",
    cache_marker="cache_control",
    prefill="prefix",
    instructions_role="developer",
    mid_system="keep",
)
ALL = tuple(part for trait in plainest(EVERYTHING) for part in trait.parts.values())


def test_the_plainest_form_is_all_that_can_be_left_out_and_comes_to_an_end() -> None:
    assert {trait.name for trait in ALL} == {*PLAIN, "refused_fields"}
    plain = EVERYTHING
    for trait in ALL:
        plain = trait.correct(plain)
    assert plainest(plain) == ()
    assert "content" not in {trait.name for trait in plainest(Traits(content="string"))}


def is_any(_trait: LearnedTrait) -> bool:
    return True


@given(st.sets(st.sampled_from(ALL), min_size=1, max_size=3), st.data())
def test_whatever_is_guilty_is_found_and_nothing_else(guilty: set[LearnedTrait], data: st.DataObject) -> None:
    """Each request has most of what is unknown; it is refused where something guilty is put back."""
    bisection: Bisection | None = bisect(plainest(EVERYTHING), is_any)
    found: set[LearnedTrait] = set()
    for _ in range(1_000):
        if bisection is None:
            break
        absent = data.draw(st.sets(st.sampled_from(ALL), max_size=2))
        trial = trial_of(bisection, lambda each: each not in absent)  # noqa: B023 -- asked at once
        assert {*trial.put_back, *trial.left_out} == {*bisection.unknown}
        verdict = trial.refused() if guilty.intersection(trial.put_back) else trial.answered()
        bisection = verdict.rest
        found |= set() if verdict.found is None else {verdict.found}
    assert (bisection, found) == (None, guilty)


def test_halving_takes_few_requests() -> None:
    for guilty in ALL:
        bisection: Bisection | None = bisect(ALL, is_any)
        requests = 0
        while bisection is not None:
            trial = trial_of(bisection, is_any)
            bisection = (trial.refused() if guilty in trial.put_back else trial.answered()).rest
            requests += 1
        assert requests <= 6


def test_a_request_without_what_is_unknown_shows_nothing() -> None:
    bisection = bisect(ALL, is_any)
    assert bisection is not None
    trial = trial_of(bisection, lambda _each: False)
    assert (trial.put_back, trial.left_out) == ((), ALL)
    assert trial.answered().rest == bisection
    assert bisect(ALL, lambda _each: False) is None
