"""A stack is found with its table and its plans, or the error says what to do."""

from __future__ import annotations

import boto3
import pytest

from edgeway.aws.stack import NoSuchStackError, Stack, find_stack, places_of_provider_keys
from tests.template import cloud
from tests.unit.aws import stacks


def test_the_table_and_the_plans_of_the_template_are_found(stack: Stack) -> None:
    plans = {plan.name: plan.id for plan in stacks.api_gateway().get_usage_plans()}
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    assert stack == Stack(
        name="edge",
        base_url=stacks.BASE_URL,
        table=tables[0],
        plans={plan: plans[f"edge-{plan}"] for plan in ("free", "standard", "unlimited")},
        provider_keys="/edge/providers/",
        resources={
            "Table": tables[0],
            **{f"{plan.capitalize()}Plan": plans[f"edge-{plan}"] for plan in ("free", "standard", "unlimited")},
        },
    )


def test_the_functions_read_the_providers_keys_where_the_commands_write_them() -> None:
    variables = cloud.written()["Globals"]["Function"]["Environment"]["Variables"]
    parameters, secrets = ({"Fn::Sub": place} for place in places_of_provider_keys("${AWS::StackName}"))
    place = {"Fn::If": ["KeysInSecretsManager", secrets, parameters]}
    assert variables["EDGEWAY_PROVIDER_KEYS"] == place
    assert cloud.written()["Outputs"]["ProviderKeys"]["Value"] == place


def test_a_stack_that_is_not_there(account: None) -> None:
    with pytest.raises(NoSuchStackError) as refusal:
        find_stack(boto3.client("cloudformation"), "edge")
    assert str(refusal.value) == (
        "There is no stack edge in eu-central-1. Deploy it with `make deploy`, or set AWS_REGION to where it is."
    )


def test_a_stack_of_something_else(account: None) -> None:
    stacks.deploy("other", without="FreePlan")
    with pytest.raises(NoSuchStackError) as refusal:
        find_stack(boto3.client("cloudformation"), "other")
    assert str(refusal.value).startswith(
        "The stack other (CREATE_COMPLETE) has no FreePlan: it is not finished, or no Edgeway. "
    )
