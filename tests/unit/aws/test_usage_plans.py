"""API Gateway's side of a key: made, moved and disabled as a whole, on moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from gateway.access.key_records import KeyRecord, StoredKey

from edgeway.aws.stack import Stack
from edgeway.aws.usage_plans import UsagePlans, api_keys_of
from edgeway.keyring import Admission, KeyringError
from tests.loop import run
from tests.unit.aws.stacks import api_keys

HASH = "0" * 64


def key(plan: str = "free", key_id: str = "key_1") -> StoredKey:
    return StoredKey(HASH, KeyRecord(id=key_id, name="alice", hint="ew_…", created=0, plan=plan))


class Refusing:
    """A client of API Gateway whose calls of one name fail, the first `times` of them."""

    def __init__(self, operation: str, *, times: int) -> None:
        self._client: Any = boto3.client("apigateway")
        self._operation = operation
        self._left = times

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._refuse if name == self._operation and self._left else getattr(self._client, name)

    def _refuse(self, **_: Any) -> None:
        self._left -= 1
        error = {"Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}}
        raise ClientError(error, self._operation)


@pytest.fixture
def plans(stack: Stack) -> UsagePlans:
    return UsagePlans(boto3.client("apigateway"), stack)


def test_a_key_is_named_by_its_id_and_valued_by_its_hash_and_tagged(plans: UsagePlans) -> None:
    run(plans.admit(key()))
    (made,) = boto3.client("apigateway").get_api_keys(includeValues=True)["items"]
    assert {name: made[name] for name in ("name", "value", "enabled", "tags", "description")} == {
        "name": "key_1",
        "value": HASH,
        "enabled": True,
        "tags": {"edgeway:stack": "edge"},
        "description": "Edgeway edge: alice",
    }
    assert run(plans.admission(key())) == Admission(made["id"], enabled=True, plans=("free",))


@pytest.mark.parametrize("plan", ["free", "standard", "unlimited"])
def test_each_plan_can_be_had(plans: UsagePlans, plan: str) -> None:
    run(plans.admit(key(plan)))
    assert api_keys() == {"key_1": (HASH, True, [f"edge-{plan}"])}


def test_a_key_moves_from_plan_to_plan(plans: UsagePlans) -> None:
    run(plans.admit(key("free")))
    run(plans.admit(key("standard")))
    assert api_keys() == {"key_1": (HASH, True, ["edge-standard"])}


def test_admitted_twice_is_admitted_once(plans: UsagePlans) -> None:
    run(plans.admit(key()))
    run(plans.admit(key()))
    assert api_keys() == {"key_1": (HASH, True, ["edge-free"])}


def test_what_is_half_done_is_completed(plans: UsagePlans) -> None:
    boto3.client("apigateway").create_api_key(name="key_1", value=HASH, enabled=False)
    run(plans.admit(key()))
    assert api_keys() == {"key_1": (HASH, True, ["edge-free"])}


def test_a_key_whose_id_begins_alike_is_another(plans: UsagePlans) -> None:
    run(plans.admit(key(key_id="key_12")._replace(key_hash="1" * 64)))
    assert run(plans.admission(key())) is None
    run(plans.refuse(key()))
    run(plans.forget(key()))
    assert api_keys() == {"key_12": ("1" * 64, True, ["edge-free"])}


def test_a_refused_key_is_disabled_and_stays(plans: UsagePlans) -> None:
    run(plans.admit(key()))
    run(plans.refuse(key()))
    assert api_keys() == {"key_1": (HASH, False, ["edge-free"])}


def test_a_forgotten_key_is_gone(plans: UsagePlans) -> None:
    run(plans.admit(key()))
    run(plans.forget(key()))
    run(plans.forget(key()))
    assert (api_keys(), run(plans.admission(key()))) == ({}, None)


def test_a_key_that_cannot_be_attached_is_not_left_behind(stack: Stack) -> None:
    with pytest.raises(ClientError, match="Rate exceeded"):
        run(UsagePlans(Refusing("create_usage_plan_key", times=1), stack).admit(key()))
    assert api_keys() == {}


@pytest.mark.parametrize("operation", ["create_usage_plan_key", "delete_usage_plan_key"])
def test_a_key_that_cannot_be_moved_stays_as_it_was(plans: UsagePlans, stack: Stack, operation: str) -> None:
    run(plans.admit(key("free")))
    run(plans.refuse(key()))
    with pytest.raises(ClientError, match="Rate exceeded"):
        run(UsagePlans(Refusing(operation, times=1), stack).admit(key("standard")))
    assert api_keys() == {"key_1": (HASH, False, ["edge-free"])}


def test_what_cannot_be_undone_is_told(plans: UsagePlans, stack: Stack) -> None:
    run(plans.admit(key("free")))
    with pytest.raises(ClientError) as failure:
        run(UsagePlans(Refusing("create_usage_plan_key", times=2), stack).admit(key("standard")))
    assert [note[:50] for note in failure.value.__notes__] == ["Not everything that was begun could be undone (An "]


def test_the_keys_of_a_stack_are_found_by_their_tag(plans: UsagePlans) -> None:
    client = boto3.client("apigateway")
    client.create_api_key(name="of-another", value="2" * 64, tags={"edgeway:stack": "other"})
    client.create_api_key(name="of-nobody", value="3" * 64)
    run(plans.admit(key()))
    admission = run(plans.admission(key()))
    assert admission is not None
    assert api_keys_of(client, "edge") == [admission.id]


def test_a_plan_that_the_stack_does_not_have_is_named_and_changes_nothing(plans: UsagePlans) -> None:
    """A key of another release, or of a template with other plans."""
    run(plans.admit(key("free")))
    before = api_keys()
    with pytest.raises(KeyringError) as caught:
        run(plans.admit(key("gold")))
    assert str(caught.value) == (
        "The stack edge has no plan 'gold'. Put the key into another one: "
        "edgeway keys update key_1 --plan free|standard|unlimited"
    )
    assert api_keys() == before
    run(plans.refuse(key("gold")))
    assert api_keys() == {"key_1": (HASH, False, ["edge-free"])}
