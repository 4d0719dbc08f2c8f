"""Which store: the embedded one on a laptop, DynamoDB on AWS. Neither is loaded where the other is used."""

import os
import time
from collections.abc import Callable

from gateway.store import Store


def open_store(setting: str, *, clock: Callable[[], float] = time.time) -> Store:
    """The store that `EDGEWAY_STORE` names. Raises ValueError for a setting that names none.

    `clock` gives seconds since the epoch: the embedded store removes what has expired, as DynamoDB does by itself.
    DynamoDB's address, Region and credentials come from where every AWS client has them (AWS_ENDPOINT_URL_DYNAMODB).
    """
    kind, _, name = setting.partition(":")
    if kind == "sqlite" and name:
        from gateway.sqlite_store import SqliteStore

        return SqliteStore(name, clock=clock)
    if kind == "dynamodb" and name:
        from gateway.aws_client import DYNAMODB, open_client
        from gateway.dynamodb_store import DynamoDbStore

        return DynamoDbStore(name, open_client(DYNAMODB, os.environ))
    raise ValueError(f"EDGEWAY_STORE must be sqlite:<path> or dynamodb:<table>, not {setting!r}")
