"""Two keys and the upstreams that both use: pools of keys, retries, sessions and connections."""

from __future__ import annotations

from contextlib import aclosing

from tests.loop import run
from tests.tenants.two_keys import ENDLESS, MODEL, Shared, Tenant


def keys_asked(shared: Shared, tenant: Tenant) -> list[str]:
    """With which keys of the operator's an upstream was asked for somebody."""
    return [each.headers["authorization"].removeprefix("Bearer ") for each in shared.sent_for(tenant)]


def test_a_pool_that_the_one_has_used_up_still_serves_the_other(
    shared: Shared, mallory: Tenant, victim: Tenant
) -> None:
    """Each 429 sets one of the operator's keys aside; nobody is refused because all of them are."""
    heard = shared.attack(mallory, 6, "pooled", system="limited")
    assert {each.status for each in heard} == {429}
    assert set(keys_asked(shared, mallory)) == {"sk-pool-one", "sk-pool-two"}
    assert not any(each.holds("sk-pool") for each in heard)
    assert shared.use(victim, "pooled").status == 200


def test_a_session_of_the_same_name_is_another_one(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    """A session keeps to one key of a pool. Who knows its name neither learns which, nor changes it."""
    sessions = [f"session {number}" for number in range(6)]
    for session in sessions:
        shared.attack(mallory, 1, "pooled", headers={"x-session-id": session})
        shared.use(victim, "pooled", headers={"x-session-id": session})
    first = keys_asked(shared, victim)
    assert keys_asked(shared, mallory) != first
    for session in sessions:
        shared.attack(mallory, 1, "pooled", headers={"x-session-id": session}, system="limited")
    for session in sessions:
        assert shared.use(victim, "pooled", headers={"x-session-id": session}).status == 200


def test_retries_of_the_one_are_not_the_others(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    """A storm of one key's failures uses up its own retries: the other still gets a second candidate."""
    for model in (MODEL, "mistral/mistral-large-latest"):
        for _ in range(8):  # both are known to be well, so that no circuit opens
            assert shared.use(victim, model).status == 200
    shared.attack(mallory, 20, "careful", system="overload")
    assert shared.use(victim, "careful", system="groq fails").status == 200
    assert "mistral" in shared.sent_for(victim)[-1].url


def test_open_streams_of_the_one_keep_no_connection_from_the_other(
    shared: Shared, mallory: Tenant, victim: Tenant
) -> None:
    assert shared.while_held(mallory, 120, victim).status == 200


def test_a_connection_that_the_one_has_left_is_not_the_others(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    """Who hangs up within an answer leaves a connection on which the rest of it still comes."""

    async def left() -> None:
        answer = await mallory.begin(shared.handlers[0], stream=True, system=ENDLESS)
        async with aclosing(answer.body) as body:
            await anext(body)

    for _ in range(3):
        run(left())
        heard = shared.use(victim, stream=True)
        assert heard.status == 200
        assert heard.holds("prompt of victim")
        assert not heard.holds("hello", "mallory")
        assert heard.body.rstrip().endswith('{"type":"message_stop"}')
