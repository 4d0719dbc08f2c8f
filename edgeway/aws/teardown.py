"""Removes what the command line has made for a stack. CloudFormation does not know of it, and would leave it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass

from gateway.aws.boto3_client import open_boto3_client
from gateway.storage.open import open_store
from gateway.storage.protocol import ItemType

from edgeway.aws.provider_keys import delete_provider_keys
from edgeway.aws.stack import NoSuchStackError, find_stack, places_of_provider_keys
from edgeway.aws.usage_plans import api_keys_of


@dataclass(frozen=True, slots=True)
class Removed:
    """The numbers of removed things."""

    keys: int
    api_keys: int
    provider_keys: int
    found_stack: bool


def tear_down(stack_name: str) -> Removed:
    """Remove the keys of a stack, and those of its providers. Usage stays in the table. Repeating it is harmless.

    A stack that was deleted before has still left its API keys and its providers' keys.
    """
    try:
        stack = find_stack(open_boto3_client("cloudformation"), stack_name)
    except NoSuchStackError:
        stack = None
    # First: the authorizer then refuses what API Gateway still knows.
    keys = asyncio.run(_remove_records(stack.table)) if stack else 0
    api_gateway = open_boto3_client("apigateway")
    api_keys = api_keys_of(api_gateway, stack_name)
    for api_key in api_keys:
        api_gateway.delete_api_key(apiKey=api_key)
    places = (stack.provider_keys,) if stack else places_of_provider_keys(stack_name)
    provider_keys = [name for place in places for name in delete_provider_keys(place)]
    return Removed(keys, len(api_keys), len(provider_keys), found_stack=stack is not None)


async def _remove_records(table: str) -> int:
    with closing(open_store(f"dynamodb:{table}")) as store:
        items = await store.scan(ItemType.KEY)
        for item in items:
            await store.delete(item.pk, item.sk)
    return len(items)
