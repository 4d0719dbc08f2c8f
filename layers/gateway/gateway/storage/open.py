"""Opens the store: SQLite on a laptop, DynamoDB on AWS. Only the one that is used is imported."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

from gateway.storage.protocol import Store

T = TypeVar("T")


def open_store(
    setting: str, environ: Mapping[str, str] = os.environ, *, clock: Callable[[], float] = time.time
) -> Store:
    """Open the store that `EDGEWAY_STORE` names. Raises ValueError for a setting that names none.

    `clock` gives seconds since the epoch: the embedded store removes expired items, as DynamoDB does by itself.
    DynamoDB's address, Region and credentials come from the usual variables of AWS clients
    (AWS_ENDPOINT_URL_DYNAMODB).
    """
    kind, _, name = setting.partition(":")
    if kind == "sqlite" and name:
        from gateway.storage.sqlite import SqliteStore

        return SqliteStore(name, clock=clock)
    if kind == "dynamodb" and name:
        from gateway.aws.client import open_client
        from gateway.aws.types import DYNAMODB
        from gateway.storage.dynamodb import DynamoDbStore

        return DynamoDbStore(name, open_client(DYNAMODB, environ))
    raise ValueError(f"EDGEWAY_STORE must be sqlite:<path> or dynamodb:<table>, not {setting!r}")


def store_when_needed(
    setting: str, environ: Mapping[str, str] = os.environ, *, clock: Callable[[], float] = time.time
) -> Callable[[], Awaitable[Store]]:
    """Return a function that gives the store, and opens it on the first call. See `opened_once`."""
    return opened_once(partial(open_store, setting, environ, clock=clock))


def opened_once(open_it: Callable[[], T]) -> Callable[[], Coroutine[Any, Any, T]]:
    """Return a function that opens a thing once, on the first call.

    It opens in a thread, since that takes longer than most requests.
    """
    opening = asyncio.Lock()
    opened: list[T] = []

    async def give() -> T:
        async with opening:
            if not opened:
                opened.append(await asyncio.to_thread(open_it))
        return opened[0]

    return give
