"""What the command line has made for a stack, removed again. CloudFormation knows nothing of it, and would leave it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass

from gateway.aws.boto3_client import open_boto3_client
from gateway.storage.open import open_store
from gateway.storage.protocol import ItemType

from edgeway.aws.provider_keys import delete_provider_keys
from edgeway.aws.stack import NoSuchStackError, find_stack, provider_keys_path
from edgeway.aws.usage_plans import api_keys_of


@dataclass(frozen=True, slots=True)
class Removed:
    """How many of each were removed."""

    keys: int
    api_keys: int
    parameters: int
    found_stack: bool


def tear_down(stack_name: str) -> Removed:
    """Remove the keys of a stack from table, API Gateway and Parameter Store. Usage stays in the table.

    A stack that was deleted before still has its API keys and parameters. Again is no harm.
    """
    try:
        table = find_stack(open_boto3_client("cloudformation"), stack_name).table
    except NoSuchStackError:
        table = None
    # First: the authorizer then refuses what API Gateway still knows.
    keys = asyncio.run(_remove_records(table)) if table else 0
    api_gateway = open_boto3_client("apigateway")
    api_keys = api_keys_of(api_gateway, stack_name)
    for api_key in api_keys:
        api_gateway.delete_api_key(apiKey=api_key)
    parameters = delete_provider_keys(open_boto3_client("ssm"), provider_keys_path(stack_name))
    return Removed(keys, len(api_keys), len(parameters), found_stack=table is not None)


async def _remove_records(table: str) -> int:
    with closing(open_store(f"dynamodb:{table}")) as store:
        items = await store.scan(ItemType.KEY)
        for item in items:
            await store.delete(item.pk, item.sk)
    return len(items)
