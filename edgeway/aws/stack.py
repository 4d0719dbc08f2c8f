"""Reads a deployed stack: its outputs and parameters, by the names of template.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from edgeway.keyring import PLANS

PLAN_RESOURCES: Final = {plan: f"{plan.capitalize()}Plan" for plan in PLANS}
"""The logical id of each plan."""


class NoSuchStackError(Exception):
    """No stack has this name, or the stack is not ours. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The facts of a stack that the commands need."""

    name: str
    base_url: str
    table: str
    plans: Mapping[str, str]
    """The ids of the usage plans, by the commands' names for them."""
    provider_keys: str
    """EDGEWAY_PROVIDER_KEYS of its functions."""
    resources: Mapping[str, str]
    """The ids of all resources, by their names in the template, or SAM's."""


def places_of_provider_keys(stack_name: str) -> tuple[str, ...]:
    """Return the values that EDGEWAY_PROVIDER_KEYS may have in template.yaml, the usual one first."""
    path = f"/{stack_name}/providers/"
    return path, f"secretsmanager:{path}"


def find_stack(cloudformation: Any, name: str) -> Stack:
    """Find the stack with this name, with a CloudFormation client. Raises `NoSuchStackError`."""
    stack = _described(cloudformation, name)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    # Not describe_stack_resources, which ends after a hundred.
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = {
        resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
        for page in pages
        for resource in page["StackResourceSummaries"]
    }
    missing = [resource for resource in ("Table", *PLAN_RESOURCES.values()) if not resources.get(resource)]
    if missing:
        raise NoSuchStackError(
            f"The stack {name} ({stack['StackStatus']}) has no {', '.join(missing)}: it is not finished, or no "
            "Edgeway. `aws cloudformation describe-stacks` lists the stacks; name another: --stack NAME."
        )
    return Stack(
        name=stack["StackName"],
        base_url=outputs.get("BaseUrl", ""),
        table=resources["Table"],
        plans={plan: resources[resource] for plan, resource in PLAN_RESOURCES.items()},
        provider_keys=outputs.get("ProviderKeys") or places_of_provider_keys(name)[0],
        resources=resources,
    )


def _described(cloudformation: Any, name: str) -> dict[str, Any]:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        region = cloudformation.meta.region_name
        raise NoSuchStackError(
            f"There is no stack {name} in {region}. Deploy it with `make deploy`, or set AWS_REGION to where it is."
        ) from error
    return dict(stack)
