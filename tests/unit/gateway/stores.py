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
from moto.server import ThreadedMotoServer

TABLE = "edgeway"


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """A file that does not exist yet, in a folder that does not either."""
    yield f"sqlite:{folder}/data/edgeway.sqlite3"


@contextmanager
def moto(_folder: Path) -> Iterator[str]:
    """DynamoDB as moto plays it, in a thread of this process."""
    with pytest.MonkeyPatch.context() as patch, mock_aws(), served_by_moto("dynamodb"):
        # moto looks at a condition and writes afterwards, which DynamoDB does in one step.
        patch.setattr(DynamoHandler, "put_item", _one_at_a_time(DynamoHandler.put_item))
        create_table()
        yield f"dynamodb:{TABLE}"


@contextmanager
def served_by_moto(*services: str) -> Iterator[None]:
    """What moto plays in this process, over HTTP for clients of these services; and credentials for it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"):
                patch.delenv(name, raising=False)
            for name, value in AWS_ENVIRONMENT.items():
                patch.setenv(name, value)
            for service in services:
                patch.setenv(f"AWS_ENDPOINT_URL_{service.upper()}", f"http://{address}:{port}")
            yield
    finally:
        server.stop()


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
