"""SnapStart: the process goes on in copies of itself. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html"""

import json
import random
from http import HTTPStatus

import pytest

from tests.integration.runtime.process import running
from tests.integration.runtime.scripted_api import Connection, ScriptedApi

SNAP_START = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
RESTORED = "GET /2018-06-01/runtime/restore/next"
SEEDED = random.Random(1).random()


def answered(connection: Connection) -> float:
    """The number that the function answers."""
    connection.invoke({})
    head = connection.read_until(b"\r\n\r\n").decode()
    number: float = json.loads(connection.read(int(head.partition("Content-Length: ")[2].split()[0])))
    connection.answer(HTTPStatus.ACCEPTED)
    return number


def test_a_copy_opens_its_own_connection_and_draws_its_own_numbers(api: ScriptedApi) -> None:
    with running("seeded.handler", api.address, SNAP_START):
        original = api.accept()
        original.expect_head(RESTORED, {})
        original.answer(HTTPStatus.OK)
        copy = api.accept()
        original.expect_end()
        assert answered(copy) != SEEDED


@pytest.mark.parametrize("environment", [{}, {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}])
def test_without_a_snapshot_nothing_is_renewed(api: ScriptedApi, environment: dict[str, str]) -> None:
    with running("seeded.handler", api.address, environment):
        assert answered(api.accept()) == SEEDED


def test_a_snapshot_that_cannot_be_taken_ends_the_process(api: ScriptedApi) -> None:
    with running("seeded.handler", api.address, SNAP_START) as function:
        connection = api.accept()
        connection.expect_head(RESTORED, {})
        connection.answer(HTTPStatus.INTERNAL_SERVER_ERROR)
        assert function.exit_status() == 1
        assert function.logged()["message"] == "no invocation can be fetched"
