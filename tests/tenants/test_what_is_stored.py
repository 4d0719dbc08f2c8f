"""Two keys and what is stored for each: kept answers, records of use, rates. Neither reads, changes or uses up both."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.loop import run
from tests.tenants.two_keys import ENDLESS_AT_FIRST, Heard, Shared, Tenant


@pytest.fixture
def mallory_kept(shared: Shared) -> Tenant:
    return shared.make("mallory who is kept")


@pytest.fixture
def victim_kept(shared: Shared) -> Tenant:
    return shared.make("victim who is kept")


def usage(heard: Heard) -> dict[str, Any]:
    """What GET /v1/usage has said."""
    assert heard.status == 200
    told: dict[str, Any] = json.loads(heard.body)
    return told


def test_a_kept_answer_is_its_keys_alone(shared: Shared, mallory_kept: Tenant, victim_kept: Tenant) -> None:
    """Neither does the one hear the other's, nor learn that it was asked for, nor put its own in the place."""
    assert shared.use(victim_kept).headers["x-edgeway-cache"] == "miss"
    assert shared.use(victim_kept).headers["x-edgeway-cache"] == "hit"
    asked = len(shared.network.received)
    (heard,) = shared.attack(mallory_kept, 1, messages=victim_kept.messages)
    assert (heard.status, heard.headers["x-edgeway-cache"]) == (200, "miss")
    assert len(shared.network.received) == asked + 1
    shared.attack(mallory_kept, 1, messages=[{"role": "user", "content": "first"}])
    assert shared.use(victim_kept, messages=[{"role": "user", "content": "first"}]).headers["x-edgeway-cache"] == "miss"


def test_nobody_waits_for_anothers_answer_to_be_kept(shared: Shared, mallory_kept: Tenant, victim_kept: Tenant) -> None:
    """Equal requests of one key wait for the first; another key's never do."""
    equal = {"system": ENDLESS_AT_FIRST, "messages": victim_kept.messages}
    heard = shared.while_held(mallory_kept, 1, victim_kept, **equal)
    assert (heard.status, heard.headers["x-edgeway-cache"]) == (200, "miss")


def test_no_kept_answer_outlives_its_key(shared: Shared, mallory_kept: Tenant, victim_kept: Tenant) -> None:
    for tenant in (mallory_kept, victim_kept):
        shared.use(tenant)
    shared.revoke(mallory_kept)
    assert shared.use(victim_kept).headers["x-edgeway-cache"] == "hit"


def test_records_of_use_are_their_keys_alone(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    """Whatever the one calls its sessions and asks for: it reads its own, and the other's do not grow."""
    names = ("conversation", victim.key_id, f"../key/{victim.key_id}", f"DAY#2026#{victim.key_id}", "x" * 3000)
    shared.use(victim, headers={"x-claude-code-session-id": "conversation", "x-claude-code-agent-id": "agent"})
    before = usage(run(victim.spent(shared.usage[1])))
    for name in names:
        shared.attack(mallory, 1, headers={"x-claude-code-session-id": name, "x-claude-code-agent-id": "agent"})
    questions: tuple[dict[str, str], ...] = (
        {},
        {"key_id": victim.key_id},
        {"key": victim.key_id, "owner": "victim"},
        {"session": "conversation"},
    )
    for query in questions:
        told = run(mallory.spent(shared.usage[0], query))
        assert not told.holds("victim", victim.key)
        assert usage(told)["month"]["requests"] == len(names)
        assert usage(told)["key"]["id"] == mallory.key_id
    shared.use(victim)
    after = usage(run(victim.spent(shared.usage[1])))
    assert (before["month"]["requests"], after["month"]["requests"]) in ((1, 2), (1, 1))  # what is told may be old
    assert [each["session"] for each in after["sessions"]] == ["conversation"]
    assert after["sessions"][0]["requests"] == 1


@pytest.mark.parametrize("limit", [{"requests_per_minute": 2}, {"tokens_per_minute": 40}])
def test_the_rate_of_the_one_is_not_the_others(shared: Shared, limit: dict[str, int]) -> None:
    mallory, victim = shared.make("mallory", **limit), shared.make("victim", **limit)
    heard = shared.attack(mallory, 8)
    assert {each.status for each in heard} == {200, 429}
    assert not any(each.holds(victim.key_id, "victim") for each in heard)
    assert shared.use(victim).status == 200


def test_the_places_of_the_one_are_not_the_others(shared: Shared) -> None:
    mallory, victim = shared.make("mallory", streams=2), shared.make("victim", streams=1)
    assert shared.while_held(mallory, 2, victim).status == 200
    assert shared.use(victim).status == 200  # its own place was given back
