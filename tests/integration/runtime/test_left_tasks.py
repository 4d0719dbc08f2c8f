"""Tasks that a handler has started and left: Lambda freezes the process while the next invocation is awaited."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from tests.integration.runtime.process import Function, running
from tests.integration.runtime.scripted_api import NEXT, Connection, ScriptedApi, response_path

JSON = {"Content-Type": "application/json"}


@contextmanager
def leaving(api: ScriptedApi) -> Iterator[tuple[Function, Connection]]:
    with running("handlers.leave_tasks", api.address) as function:
        yield function, api.accept()


def invoke(connection: Connection, end: str, request_id: str = "r-1", **headers: str) -> None:
    """Invoke the function, and take its answer."""
    connection.invoke({"end": end}, request_id=request_id, **headers)
    connection.expect_request(f"POST {response_path(request_id)}", JSON, b'"answered"')
    connection.answer(HTTPStatus.ACCEPTED)


def test_they_end_after_the_answer_and_before_the_next_invocation_is_fetched(api: ScriptedApi) -> None:
    with leaving(api) as (function, connection):
        invoke(connection, "chain")
        function.printed("waiting")
        connection.expect_silence()
        function.go_on()
        function.printed("waiting")
        connection.expect_silence()
        function.go_on()
        function.printed("stored")
        connection.expect_head(f"GET {NEXT}", {})
        assert function.end_by(signal.SIGTERM) == 0
        assert function.rest_of_log() == ""


def test_they_are_not_awaited_beyond_the_deadline_and_not_twice(api: ScriptedApi) -> None:
    outlived = {"level": "ERROR", "message": "tasks outlive their invocation", "tasks": 1}
    with leaving(api) as (function, connection):
        for request_id in ("r-1", "r-2"):
            soon = str(time.time_ns() // 1_000_000 + 300)
            invoke(connection, "linger", request_id, Lambda_Runtime_Deadline_Ms=soon)
            assert function.logged() == outlived
        connection.expect_head(f"GET {NEXT}", {})
        assert function.end_by(signal.SIGTERM) == 0
        assert function.rest_of_log() == ""


def test_their_failure_is_logged_without_what_it_says(api: ScriptedApi) -> None:
    with leaving(api) as (function, connection):
        invoke(connection, "fail")
        logged = function.logged()
        assert (logged["message"], logged["errorType"]) == ("a task failed that nobody awaits", "ValueError")
        assert logged["stackTrace"][-1].endswith(" fail_late")
        connection.expect_head(f"GET {NEXT}", {})
        assert function.end_by(signal.SIGTERM) == 0
        assert function.rest_of_log() == ""


def test_their_exit_ends_the_process_without_what_it_says(api: ScriptedApi) -> None:
    with leaving(api) as (function, connection):
        connection.invoke({"end": "leave"})
        assert function.exit_status() == 1
        assert [line for line in function.rest_of_log().splitlines() if "caller's own words" in line] == []
