"""The stores of the contract: each gives a setting of `open_store` under which any number of stores share one table.

To hold another one to the contract (DynamoDB Local, a real table), add it to `STORES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

TABLE = "edgeway"


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """A file that does not exist yet, in a folder that does not either."""
    yield f"sqlite:{folder}/data/edgeway.sqlite3"


@contextmanager
def moto(_folder: Path) -> Iterator[str]:
    """DynamoDB as moto plays it, in this process."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in AWS_ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
        # moto looks at a condition and writes afterwards, which DynamoDB does in one step.
        patch.setattr(DynamoHandler, "put_item", _one_at_a_time(DynamoHandler.put_item))
        create_table()
        yield f"dynamodb:{TABLE}"


AWS_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-central-1"}

STORES: Mapping[str, Callable[[Path], AbstractContextManager[str]]] = {"sqlite": sqlite, "moto": moto}


def create_table() -> None:
    """The table of template.yaml, wherever the environment points boto3."""
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


def _one_at_a_time(call: Callable[..., Any]) -> Callable[..., Any]:
    lock = Lock()

    def locked(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    return locked
