"""Keeps a key's twin in API Gateway: named by the key's id, valued by its hash, in one usage plan.

The secret itself never gets there. The authorizer answers with the hash, by which API Gateway finds the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError
from gateway.access.key_records import StoredKey

from edgeway.aws.stack import Stack
from edgeway.keyring import Admission, KeyringError, undone_on_failure

STACK_TAG: Final = "edgeway:stack"


class UsagePlans:
    """The keys of one stack, as the `Gate` of a `Keyring`.

    `api_gateway` is a client of boto3, which blocks: only commands use it, and they do one thing at a time.
    """

    def __init__(self, api_gateway: Any, stack: Stack) -> None:
        self._api_gateway = api_gateway
        self._stack = stack

    async def admit(self, key: StoredKey) -> None:
        """Let the key in under the plan of its record, and under no other. Raises `KeyringError`."""
        if key.record.plan not in self._stack.plans:
            raise KeyringError(
                f"The stack {self._stack.name} has no plan {key.record.plan!r}. Put the key into another one: "
                f"edgeway keys update {key.record.id} --plan {'|'.join(self._stack.plans)}"
            )
        async with undone_on_failure() as undo:
            api_key = self._find(key)
            if api_key is None:
                api_key = self._create(key)
                undo.callback(self._api_gateway.delete_api_key, apiKey=api_key["id"])
            elif not api_key["enabled"]:
                self._enable(api_key["id"], enabled=True)
                undo.callback(self._enable, api_key["id"], enabled=False)
            attached = self._plans_of(api_key["id"])
            for plan in attached - {key.record.plan}:  # first: of the plans of one stage, a key may be in one only
                self._detach(api_key["id"], plan)
                undo.callback(self._attach, api_key["id"], plan)
            if key.record.plan not in attached:
                self._attach(api_key["id"], key.record.plan)

    async def refuse(self, key: StoredKey) -> None:
        """Disable the key."""
        if api_key := self._find(key):
            self._enable(api_key["id"], enabled=False)

    async def forget(self, key: StoredKey) -> None:
        """Delete the key, and with it its place in a plan."""
        if api_key := self._find(key):
            self._api_gateway.delete_api_key(apiKey=api_key["id"])

    async def admission(self, key: StoredKey) -> Admission | None:
        """Return how API Gateway treats the key; None where it does not know the key."""
        api_key = self._find(key)
        if api_key is None:
            return None
        return Admission(api_key["id"], api_key["enabled"], tuple(sorted(self._plans_of(api_key["id"]))))

    def _find(self, key: StoredKey) -> dict[str, Any] | None:
        found = _api_keys(self._api_gateway, nameQuery=key.record.id)  # by the beginning of the name
        return next((api_key for api_key in found if api_key["name"] == key.record.id), None)

    def _create(self, key: StoredKey) -> dict[str, Any]:
        made: dict[str, Any] = self._api_gateway.create_api_key(
            name=key.record.id,
            description=f"Edgeway {self._stack.name}: {key.record.name}",
            value=key.key_hash,
            enabled=True,
            tags={STACK_TAG: self._stack.name},
        )
        return made

    def _enable(self, api_key: str, *, enabled: bool) -> None:
        operation = {"op": "replace", "path": "/enabled", "value": str(enabled).lower()}
        self._api_gateway.update_api_key(apiKey=api_key, patchOperations=[operation])

    def _plans_of(self, api_key: str) -> set[str]:
        pages = self._api_gateway.get_paginator("get_usage_plans").paginate(keyId=api_key)
        ids = {plan["id"] for page in pages for plan in page["items"]}
        return {plan for plan, plan_id in self._stack.plans.items() if plan_id in ids}

    def _attach(self, api_key: str, plan: str) -> None:
        plan_id = self._stack.plans[plan]
        try:
            self._api_gateway.create_usage_plan_key(usagePlanId=plan_id, keyId=api_key, keyType="API_KEY")
        except ClientError as error:
            # Attached already, by a call that was repeated; or not, since it is in another plan of the same stage.
            is_conflict = error.response["Error"]["Code"] == "ConflictException"
            if not is_conflict or plan not in self._plans_of(api_key):
                raise

    def _detach(self, api_key: str, plan: str) -> None:
        self._api_gateway.delete_usage_plan_key(usagePlanId=self._stack.plans[plan], keyId=api_key)


def api_keys_of(api_gateway: Any, stack_name: str) -> list[str]:
    """Return the ids of all API keys made for a stack, whether or not it still exists."""
    found = _api_keys(api_gateway)
    return [api_key["id"] for api_key in found if _tags(api_key).get(STACK_TAG) == stack_name]


def _tags(api_key: Mapping[str, Any]) -> Mapping[str, str]:
    return api_key.get("tags") or {}


def _api_keys(api_gateway: Any, **query: str) -> Iterator[dict[str, Any]]:
    for page in api_gateway.get_paginator("get_api_keys").paginate(includeValues=False, **query):
        yield from page["items"]
