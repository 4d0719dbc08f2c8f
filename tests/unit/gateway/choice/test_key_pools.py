"""Several keys of one provider: read from variables, taken by turns, and kept to by sessions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from gateway.choice.key_pools import with_keys
from gateway.routing.key_pool import numbered
from gateway.routing.providers import configured_providers
from gateway.routing.resolve import Candidate

from tests.unit.gateway.fakes import PLAIN, candidate

THREE = {"OPENAI_API_KEY": "sk-first, sk-second,,sk-first", "OPENAI_API_KEY_3": " sk-third "}


def pooled(environ: Mapping[str, str] = THREE) -> Candidate:
    provider = configured_providers(environ)["openai"]
    return Candidate(provider=provider, model="gpt-5", facts=None, traits=PLAIN, dialects=("chat",))


def keys(candidates: list[Candidate] | tuple[Candidate, ...] | object) -> list[tuple[int, str]]:
    assert isinstance(candidates, list | tuple)
    return [(each.provider.key_number, each.provider.authorization()["authorization"][7:]) for each in candidates]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"OPENAI_API_KEY": "sk-first"}, ["sk-first"]),
        ({"OPENAI_API_KEY": "sk-first,sk-second"}, ["sk-first", "sk-second"]),
        ({"OPENAI_API_KEY": "sk-first", "OPENAI_API_KEY_2": "sk-second"}, ["sk-first", "sk-second"]),
        ({"OPENAI_API_KEY_2": "sk-second", "OPENAI_API_KEY_20": "sk-last"}, ["sk-second", "sk-last"]),
        ({"OPENAI_API_KEY": "ew_own,sk-first"}, ["sk-first"]),
        (THREE, ["sk-first", "sk-second", "sk-third"]),
    ],
)
def test_where_the_keys_of_a_provider_stand(environ: Mapping[str, str], expected: list[str]) -> None:
    assert [key for _, key in keys(with_keys([pooled(environ)], None, 0))] == expected


def test_numbers_that_nobody_looks_at_configure_nobody() -> None:
    assert "openai" not in configured_providers({"OPENAI_API_KEY_21": "sk-late", "OPENAI_API_KEY_1": "sk-no"})
    assert numbered("X")[:2] == ("X", "X_2")
    assert len(numbered("X")) == 20


def test_who_has_one_key_is_left_as_it_is() -> None:
    plain = [candidate("one", "model"), candidate("two", "model")]
    assert with_keys(plain, "session", 5) is plain


def test_keys_are_taken_by_turns() -> None:
    pool = [pooled(), candidate("two", "model")]
    assert [keys(with_keys(pool, None, turn))[0][0] for turn in range(4)] == [1, 2, 3, 1]
    assert [number for number, _ in keys(with_keys(pool, None, 1))] == [2, 3, 1, 1]


def test_a_session_keeps_to_its_key_and_sessions_spread_over_all() -> None:
    orders = {session: keys(with_keys([pooled()], session, turn)) for turn, session in enumerate("abcdefghijkl" * 3)}
    assert all(keys(with_keys([pooled()], session, 99)) == order for session, order in orders.items())
    assert {order[0][0] for order in orders.values()} == {1, 2, 3}


def test_a_session_keeps_its_key_where_another_is_added() -> None:
    """Its key is chosen by the keys' digests and not by their places in the list."""
    before = {session: keys(with_keys([pooled()], session, 0))[0][1] for session in "abcdefghijklmnopqrstuvwxyz"}
    more = {**THREE, "OPENAI_API_KEY": "sk-new," + THREE["OPENAI_API_KEY"]}
    after = {session: keys(with_keys([pooled(more)], session, 0))[0][1] for session in before}
    assert all(after[session] in (before[session], "sk-new") for session in before)
    assert "sk-new" in after.values()
