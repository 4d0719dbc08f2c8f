"""The life of the process: how it starts, what it survives, how it ends."""

import signal
import subprocess
from http import HTTPStatus
from pathlib import Path

import pytest
from streaming.failure import WITHHELD

from tests.integration.runtime.process import LAYER, STREAM, running
from tests.integration.runtime.scripted_api import NEXT, ScriptedApi, chunk, response_path

JSON = {"Content-Type": "application/json"}
PRELUDE = b'{"statusCode":200,"headers":{"content-type":"text/event-stream"}}'


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        (
            {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13", "PYTHONPATH": "/var/runtime"},
            "/var/task:/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime:/var/runtime",
        ),
        (
            {"LAMBDA_TASK_ROOT": "/function", "PYTHONPATH": "/layer", "LAMBDA_RUNTIME_DIR": "/runtime"},
            "/function:/opt/python/lib//site-packages:/opt/python:/layer:/runtime",
        ),
    ],
)
def test_the_bootstrap_puts_what_is_deployed_before_what_aws_brings(
    tmp_path: Path, environment: dict[str, str], path: str
) -> None:
    interpreter = tmp_path / "python3.13"
    interpreter.write_text('#!/bin/sh\necho "$PYTHONPATH" "$@"\n')
    interpreter.chmod(0o755)
    started = subprocess.run(
        [LAYER / "bootstrap", interpreter, "/var/runtime/bootstrap.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert started.stdout == f"{path} -P -m streaming\n"


@pytest.mark.parametrize(
    ("handler", "error", "missing"),
    [
        ("broken.handler", "ValueError", None),
        ("absent.handler", "ModuleNotFoundError", "absent"),
        ("handlers.absent", "AttributeError", "absent"),
        ("handler", "ValueError", None),
    ],
)
def test_a_handler_that_cannot_be_imported_is_an_init_error(
    api: ScriptedApi, handler: str, error: str, missing: str | None
) -> None:
    with running(handler, api.address) as function:
        connection = api.accept()
        kind, description = connection.read_error("/2018-06-01/runtime/init/error")
        frames = description.pop("stackTrace")
        assert (kind, description) == (f"Runtime.{error}", {"errorType": error, "errorMessage": WITHHELD})
        connection.answer(HTTPStatus.ACCEPTED)
        assert function.exit_status() == 1
        assert function.logged() == {
            "level": "ERROR",
            "message": "the handler cannot be imported",
            "handler": handler,
            "missing": missing,
            **description,
            "stackTrace": frames,
        }
        assert function.rest_of_log() == ""


def test_every_path_follows_the_prefix_of_the_address(api: ScriptedApi) -> None:
    with running("handlers.stream", f"{api.address}/worker-1", STREAM):
        connection = api.accept()
        connection.invoke({"script": ["one"]}, prefix="/worker-1")
        stream = api.accept()
        stream.expect_stream(f"/worker-1{response_path()}", PRELUDE)


def test_an_event_may_come_in_chunks(api: ScriptedApi) -> None:
    with running("handlers.echo", api.address):
        connection = api.accept()
        connection.expect_head(f"GET {NEXT}", {})
        connection.send(b"HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: r-1\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.send(chunk(b'{"answer"') + chunk(b":[1,2]}") + b"0\r\n\r\n")
        connection.expect_request(f"POST {response_path()}", JSON, b"[1,2]")


def test_an_idle_connection_that_was_closed_is_opened_again(api: ScriptedApi) -> None:
    with running("handlers.wait", api.address) as function:
        first = api.accept()
        first.invoke({})
        function.printed("waiting")
        first.close()
        function.go_on()
        second = api.accept()
        second.expect_request(f"POST {response_path()}", JSON, b'"waited"')
        second.answer(HTTPStatus.ACCEPTED, headers={"Connection": "close"})
        second.expect_end()
        third = api.accept()
        third.invoke({}, request_id="r-2")


def test_a_process_that_waits_sleeps(api: ScriptedApi) -> None:
    with running("handlers.echo", api.address) as function:
        connection = api.accept()
        connection.expect_head(f"GET {NEXT}", {})
        connection.expect_silence()
        before = function.switches()
        connection.expect_silence()
        assert function.switches() == before


def test_the_process_ends_when_the_runtime_api_is_gone(api: ScriptedApi) -> None:
    with running("handlers.echo", api.address) as function:
        connection = api.accept()
        connection.expect_head(f"GET {NEXT}", {})
        api.close()
        assert function.exit_status() == 1
        logged = function.logged()
        assert (logged["message"], logged["errorType"]) == ("no invocation can be fetched", "ConnectionError")
        assert function.rest_of_log() == ""


def test_the_process_ends_when_the_runtime_api_refuses_an_invocation(api: ScriptedApi) -> None:
    with running("handlers.echo", api.address) as function:
        connection = api.accept()
        connection.expect_head(f"GET {NEXT}", {})
        connection.answer(HTTPStatus.INTERNAL_SERVER_ERROR)
        connection.expect_end()
        assert function.exit_status() == 1
        assert function.logged()["errorType"] == "RuntimeApiError"
        assert function.rest_of_log() == ""


ENDING_SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


@ENDING_SIGNALS
def test_a_signal_ends_an_idle_process(api: ScriptedApi, number: int) -> None:
    with running("handlers.echo", api.address) as function:
        connection = api.accept()
        connection.expect_head(f"GET {NEXT}", {})
        assert function.end_by(number) == 0
        connection.expect_end()
        assert (function.rest(), function.rest_of_log()) == ("", "")


@ENDING_SIGNALS
def test_a_signal_leaves_a_handler_through_its_finally_blocks(api: ScriptedApi, number: int) -> None:
    with running("handlers.wait", api.address) as function:
        connection = api.accept()
        connection.invoke({})
        function.printed("waiting")
        assert function.end_by(number) == 0
        connection.expect_end()
        assert (function.rest(), function.rest_of_log()) == ("left\n", "")


def test_a_plain_function_runs_to_its_end_before_the_process_does(api: ScriptedApi) -> None:
    with running("handlers.wait_plainly", api.address) as function:
        connection = api.accept()
        connection.invoke({})
        function.printed("waiting")
        function.signal(signal.SIGTERM)
        function.go_on()
        function.printed("left")
        assert function.exit_status() == 0
        assert function.rest_of_log() == ""


@ENDING_SIGNALS
def test_a_signal_leaves_a_body_through_its_finally_blocks_and_the_answer_unfinished(
    api: ScriptedApi, number: int
) -> None:
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["one", "wait", "two"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one"))
        function.printed("waiting")
        assert function.end_by(number) == 0
        stream.expect_end()
        assert (function.rest(), function.rest_of_log()) == ("closed\nsettled\n", "")


def test_a_body_that_goes_on_after_a_signal_is_sent_to_its_end(api: ScriptedApi) -> None:
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["one", "persist", "two"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one"))
        function.printed("waiting")
        function.signal(signal.SIGTERM)
        function.printed("cancelled", "closed")
        stream.expect(chunk(b"two") + b"0\r\n\r\n")
        stream.answer(HTTPStatus.ACCEPTED)
        function.printed("settled")
        assert function.exit_status() == 0
        connection.expect_end()


def test_a_settlement_after_a_signal_is_not_a_cancelled_one(api: ScriptedApi) -> None:
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["wait"], "end": "count"})
        api.accept().expect_stream(response_path(), PRELUDE)
        function.printed("waiting")
        assert function.end_by(signal.SIGTERM) == 0
        assert (function.rest(), function.rest_of_log()) == ("closed\ncancellations: 0\n", "")


@ENDING_SIGNALS
def test_a_signal_does_not_cut_a_settlement_short(api: ScriptedApi, number: int) -> None:
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["one"], "end": "wait"})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + b"0\r\n\r\n")
        stream.answer(HTTPStatus.ACCEPTED)
        function.printed("closed", "waiting")
        function.signal(number)
        function.signal(number)
        function.go_on()
        function.printed("settled")
        assert function.exit_status() == 0
        connection.expect_end()
        assert function.rest_of_log() == ""
