"""Which store: the embedded one on a laptop, DynamoDB on AWS. Neither is loaded where the other is used."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping

from gateway.storage.protocol import Store


def open_store(
    setting: str, environ: Mapping[str, str] = os.environ, *, clock: Callable[[], float] = time.time
) -> Store:
    """The store that `EDGEWAY_STORE` names. Raises ValueError for a setting that names none.

    `clock` gives seconds since the epoch: the embedded store removes what has expired, as DynamoDB does by itself.
    DynamoDB's address, Region and credentials come from where every AWS client has them (AWS_ENDPOINT_URL_DYNAMODB).
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
    """What gives the store, opened by whoever asks first, in a thread: that takes longer than most requests."""
    opening = asyncio.Lock()
    opened: list[Store] = []

    async def store() -> Store:
        async with opening:
            if not opened:
                opened.append(await asyncio.to_thread(open_store, setting, environ, clock=clock))
        return opened[0]

    return store
