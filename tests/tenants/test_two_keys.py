"""What an attacker with a key can do to a victim with another: by all that they share, in one process and in two."""

from __future__ import annotations

import pytest
from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.tenants.two_keys import MODEL, Shared, Tenant
from tests.unit.gateway.access.test_authentication import CountingStore


def test_what_an_upstream_refuses_the_one_changes_nothing_for_the_other(
    shared: Shared, mallory: Tenant, victim: Tenant
) -> None:
    heard = shared.attack(mallory, 5, temperature=0.5)
    assert [each.status for each in heard] == [200] * 5  # corrected for who has met it
    assert "temperature" not in shared.sent_for(mallory)[-1].body
    answer = shared.use(victim, temperature=0.5)
    assert answer.status == 200
    assert [each.body["temperature"] for each in shared.sent_for(victim)] == [0.5]
    assert "temperature" not in answer.headers.get("x-edgeway-dropped", "")


def test_failures_of_the_one_set_no_upstream_aside_for_the_other(
    shared: Shared, mallory: Tenant, victim: Tenant
) -> None:
    for _ in range(6):
        assert shared.use(victim, "careful").status == 200
    asked = len(shared.sent_for(victim))
    shared.attack(mallory, 12, "careful", system="overload")
    assert shared.use(victim, "careful").status == 200
    (sent,) = shared.sent_for(victim)[asked:]
    assert "groq" in sent.url


def test_the_budget_of_the_one_is_not_the_others(shared: Shared) -> None:
    mallory = shared.make("mallory", budget_day=60)
    victim = shared.make("victim", budget_day=60)
    heard = shared.attack(mallory, 40)
    refused = [each for each in heard if each.status != 200]
    assert refused
    assert not any(each.holds(victim.key_id, "victim") for each in heard)
    assert shared.use(victim).status == 200


def test_each_may_use_its_own_models(shared: Shared) -> None:
    mallory = shared.make("mallory", allowed_models=("groq/openai/gpt-oss-20b",))
    victim = shared.make("victim", allowed_models=(MODEL,))
    assert [each.status for each in shared.attack(mallory, 2)] == [403, 403]
    assert shared.use(victim).status == 200
    assert shared.sent_for(mallory) == []


def test_the_end_of_the_one_is_not_the_others(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    assert shared.use(victim).status == 200
    shared.revoke(mallory)
    assert {each.status for each in shared.attack(mallory, 2)} == {401}
    assert shared.use(victim).status == 200
    assert [record.status for record in run(shared.registry.all()) if record.id == victim.key_id] == ["active"]


def test_neither_answer_tells_of_the_other(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    shared.use(victim)
    kinds = ({"system": "overload"}, {"temperature": 0.5}, {"max_tokens": 0}, {"model": "none/such"}, {"stream": True})
    for fields in kinds:
        for heard in shared.attack(mallory, 1, **fields):
            assert not heard.holds("victim", victim.key, victim.key_id, "sk-1", "sk-2")


def test_guesses_drive_nobody_out() -> None:
    """Neither wrong keys nor one's own requests push a key out of memory, which costs the store a read."""
    store = CountingStore()
    registry = KeyRegistry(store, clock=lambda: 1000.0)
    authenticator = Authenticator(registry, clock=lambda: 1000.0, unknown_seconds=5.0)
    key, _ = run(registry.create("victim"))
    run(authenticator.authenticate({"x-api-key": key}))
    for number in range(3000):
        with pytest.raises(ApiError):
            run(authenticator.authenticate({"x-api-key": f"a-wrong-key-{number}"}))
    before = store.gets
    run(authenticator.authenticate({"x-api-key": key}))
    assert store.gets == before
